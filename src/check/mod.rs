//! Resolved metadata files compared with what the live databases say of themselves, and with what Salesforce can sync.
//! Every finding names the file, the key and the remedy.

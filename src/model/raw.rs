//! Owns the metadata file format, version 1, exactly as people write it.

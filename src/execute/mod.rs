//! Runs a plan: fetches each node and stitches children to their parents.

//! Bound query → tree of neutral SQL. Decides what null means in SQL; does not know which database will answer.

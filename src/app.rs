//! The only composition root: settings → model → databases → service → router.

//! portolan-inspect

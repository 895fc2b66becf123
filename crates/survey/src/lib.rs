//! portolan-survey

//! Reports of use without an assignment, as they stand in the real file.

use portolan_registry::{PortRange, Registry, mentioned_ports};

use crate::base;

#[test]
fn a_report_names_its_ports_not_its_block() {
    let registry = Registry::from_csv(base().as_slice()).unwrap();
    let named = |port: u16| {
        let rows = registry.covering(port);
        rows.iter()
            .any(|row| mentioned_ports(row.unauthorized_use()).contains(&PortRange::single(port)))
    };
    assert!(named(44515) && named(44516));
    assert!(
        !named(44514),
        "44514 lies in the same block and is not named"
    );
    let rows = registry.covering(44514);
    assert_eq!(
        rows[0].unauthorized_use(),
        "Known UNAUTHORIZED USE: Ports 44515 & 44516"
    );
}

#[test]
fn nearly_every_report_of_the_real_file_that_has_a_number_is_understood() {
    let registry = Registry::from_csv(base().as_slice()).unwrap();
    let reports: Vec<&str> = registry
        .rows()
        .map(|row| row.unauthorized_use())
        .filter(|text| {
            text.to_lowercase().contains("unauthorized use") && text.contains(char::is_numeric)
        })
        .collect();
    let missed: Vec<&&str> = reports
        .iter()
        .filter(|text| mentioned_ports(text).is_empty())
        .collect();
    let only = "Unauthorized use by some mail users (see [RFC4146] for details)";
    assert!(missed.iter().all(|text| text.contains(only)), "{missed:?}");
    assert!(reports.len() > 90);
}

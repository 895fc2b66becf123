//! The counts of a registry.

use portolan_registry::{Registry, Statistics};

use crate::base;

/// Counted independently with a few lines of Python over the same file.
#[test]
fn the_base_file_is_counted() {
    let counted = Statistics::of(&Registry::from_csv(base().as_slice()).unwrap());
    assert_eq!((counted.rows, counted.named_rows), (14_447, 12_755));
    assert_eq!((counted.names, counted.portless_names), (7_281, 975));
    assert_eq!(counted.names_on_several_ports, 35);
    let sharing = counted.sharing;
    assert_eq!(sharing.multi_name_pairs, 226);
    assert_eq!((sharing.aliases, sharing.shared), (184, 42));
    assert_eq!((sharing.named_pairs, sharing.tcp_udp_differ), (11_788, 137));
    assert_eq!((counted.breaking.names, counted.breaking.rows), (99, 189));
    assert_eq!(counted.multi_line_rows, 260);
    assert_eq!(
        (counted.unauthorized_rows, counted.unauthorized_ports),
        (111, 70)
    );
    let dates = Some(("1992-07".to_owned(), "2024-06-12".to_owned()));
    assert_eq!(counted.dates, dates);
    assert_eq!((counted.by_year[&1992], counted.by_year[&2006]), (2, 623));
    let most: u32 = counted.ports[0].assigned;
    assert!(most > 6_000);
}

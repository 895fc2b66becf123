//! Prints what the crate sees: every listener, or all about the ports named.
#![expect(clippy::print_stdout, reason = "an example shows its result")]

use portolan_inspect::{Options, listeners, ports};

fn main() {
    let options = Options::default();
    let ranges: Vec<_> = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    if ranges.is_empty() {
        let snapshot = listeners(&options);
        for listener in snapshot.listeners {
            println!("{listener:?}");
        }
        println!("{:?}", snapshot.gaps);
    } else {
        println!("{:#?}", ports(&ranges, &options));
    }
}

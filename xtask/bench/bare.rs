//! What any Rust program costs: started, one line, ended. Compiled by `cargo xtask bench` with rustc alone.

fn main() {
    println!("2723/tcp  watchdog-nt  WatchDog NT Protocol");
}

//! Asks systemd over D-Bus, in this thread and bounded in time.

use std::path::Path;
use std::time::Duration;

use portolan_ports::Why;
use portolan_registry::Port;
use rustix::io::Errno;
use serde::Deserialize;
use zbus::connection::Builder;
use zbus::wire::{Type, as_variant};
use zbus::{Connection, OwnedObjectPath};

use super::{Place, place};
use crate::linux::unix_socket;

/// How long systemd may take over all its answers.
pub(super) const PATIENCE: Duration = Duration::from_millis(400);
/// The most socket units that are looked at.
const MOST_UNITS: usize = 2_000;
const SYSTEM_BUS: &str = "/run/dbus/system_bus_socket";

const SYSTEMD: &str = "org.freedesktop.systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
const UNIT: &str = "org.freedesktop.systemd1.Unit";
const SOCKET: &str = "org.freedesktop.systemd1.Socket";

/// Why systemd told nothing.
pub(super) type Refusal = (Why, String);

/// The places on `ports` at which active socket units listen.
///
/// # Errors
/// Why systemd could not be asked, or did not answer in time.
pub(super) fn places(ports: &[Port]) -> Result<Vec<Place>, Refusal> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| (Why::Failed, format!("no runtime starts: {error}")))?;
    let answer = runtime.block_on(async {
        match tokio::time::timeout(PATIENCE, ask(ports)).await {
            Ok(answer) => answer,
            Err(_) => {
                let detail = format!("no whole answer within {} ms", PATIENCE.as_millis());
                Err((Why::Failed, detail))
            }
        }
    });
    // Ends zbus's tasks, and waits for any thread that the runtime made.
    drop(runtime);
    answer
}

async fn ask(ports: &[Port]) -> Result<Vec<Place>, Refusal> {
    let failed = |error: zbus::Error| (Why::Failed, format!("{SYSTEM_BUS}: {error}"));
    let stream = unix_socket::open(Path::new(SYSTEM_BUS)).map_err(|errno| {
        let why = match errno {
            Errno::ACCESS | Errno::PERM => Why::Permission,
            _ => Why::Failed,
        };
        (why, format!("{SYSTEM_BUS}: {errno}"))
    })?;
    let bus = Builder::unix_stream(stream).build().await.map_err(failed)?;
    read(&bus, ports).await.map_err(failed)
}

/// A row of `ListUnitsByPatterns`: of its fields, the name and the path of the object are wanted.
type Row = (
    String,
    String,
    String,
    String,
    String,
    String,
    OwnedObjectPath,
    u32,
    String,
    OwnedObjectPath,
);

async fn read(bus: &Connection, ports: &[Port]) -> zbus::Result<Vec<Place>> {
    let manager = "/org/freedesktop/systemd1";
    let wanted: (&[&str], &[&str]) = (&["active"], &["*.socket"]);
    let answer = bus
        .call_method(
            Some(SYSTEMD),
            manager,
            Some(MANAGER),
            "ListUnitsByPatterns",
            &wanted,
        )
        .await?;
    let rows: Vec<Row> = answer.body().deserialize()?;
    let mut places = Vec::new();
    for (unit, _, _, _, _, _, path, ..) in rows.into_iter().take(MOST_UNITS) {
        // A unit that went away meanwhile listens no more.
        let Ok(listen) = property::<Vec<(String, String)>>(bus, &path, SOCKET, "Listen").await
        else {
            continue;
        };
        // The protocol is asked for only where the address could be one in question.
        let in_question = |(kind, text): &(String, String)| {
            place(kind, text, 0).is_some_and(|(_, _, port, _)| ports.contains(&port))
        };
        if !listen.iter().any(in_question) {
            continue;
        }
        let protocol = property::<i32>(bus, &path, SOCKET, "SocketProtocol").await;
        let v6_only = property::<String>(bus, &path, SOCKET, "BindIPv6Only").await?;
        let device = property::<String>(bus, &path, SOCKET, "BindToDevice").await?;
        let triggers = property::<Vec<String>>(bus, &path, UNIT, "Triggers").await?;
        for (kind, text) in &listen {
            let protocol = protocol.as_ref().copied().unwrap_or_default();
            let Some((transport, address, port, scoped)) = place(kind, text, protocol) else {
                continue;
            };
            places.push(Place {
                unit: unit.clone(),
                transport,
                address,
                port,
                scoped,
                v6_only: v6_only.clone(),
                device: device.clone(),
                triggers: triggers.clone(),
            });
        }
    }
    Ok(places)
}

/// One property of a unit.
async fn property<T>(
    bus: &Connection,
    path: &OwnedObjectPath,
    interface: &str,
    name: &str,
) -> zbus::Result<T>
where
    T: Type + for<'de> Deserialize<'de>,
{
    let answer = bus
        .call_method(
            Some(SYSTEMD),
            path,
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &(interface, name),
        )
        .await?;
    let body = answer.body();
    Ok(body.deserialize::<as_variant::Deserialize<'_, T>>()?.0)
}

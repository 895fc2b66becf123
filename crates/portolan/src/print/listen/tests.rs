//! Listings of a machine that has everything.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, UNIX_EPOCH};

use insta::assert_snapshot;
use portolan_ports::{
    Ancestor, Container, Creator, Gap, Group, Namespace, Owner, Package, Publication, Published,
    Queue, Unit, Unseen, Why,
};

use super::*;
use crate::arguments::Colour;

fn listener(port: u16, program: &str, pid: u32) -> Listener {
    Listener {
        queue: Some(Queue {
            pending: 0,
            backlog: 128,
        }),
        drops: Some(0),
        uid: Some(0),
        inode: u64::from(pid),
        owners: vec![owner(program, pid)],
        ..Listener::new(Transport::Tcp, (Ipv4Addr::UNSPECIFIED, port).into())
    }
}

fn owner(program: &str, pid: u32) -> Owner {
    Owner {
        pid,
        program: program.to_owned(),
        uid: Some(0),
        user: Some("root".to_owned()),
        ..Owner::default()
    }
}

fn to(port: u16) -> Published {
    Published {
        container: Container {
            runtime: "docker".to_owned(),
            id: "0123456789abcdef".repeat(4),
            name: Some("web1".to_owned()),
            image: Some("nginx:1.27".to_owned()),
        },
        port,
    }
}

fn machine() -> Snapshot {
    let unit = |name: &str| Some(Unit(name.to_owned()));
    let mut activated = listener(80, "systemd", 1);
    activated.socket_unit = unit("web.socket");
    activated.address = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    activated.dual_stack = true;
    let mut running = activated.clone();
    running.port = 81;
    running.owners.push(Owner {
        unit: unit("nginx.service"),
        ..owner("nginx", 12)
    });
    running.owners.push(owner("nginx", 13));
    let mut group = listener(8080, "node", 900);
    group.group = Some(Group {
        members: 4,
        reuse_port: Some(true),
    });
    group.multipath = true;
    group.queue = Some(Queue {
        pending: 7,
        backlog: 5,
    });
    let mut proxied = listener(8081, "docker-proxy", 123);
    proxied.published = Some(to(80));
    let mut hidden = listener(8082, "", 0);
    hidden.owners.clear();
    hidden.owner_gap = Some(Gap {
        what: Unseen::Owner,
        why: Why::Permission,
        detail: String::new(),
    });
    hidden.creator = Some(Creator {
        path: "/system.slice/backup.service".to_owned(),
        unit: unit("backup.service"),
        container: None,
    });
    let mut elsewhere = listener(22, "evil\u{1b}[2J=", 77);
    elsewhere.namespace = Some(Namespace {
        inode: 4026532001,
        name: Some("blue".to_owned()),
    });
    elsewhere.owners[0].package = Some(Package {
        system: "dpkg",
        name: "=cmd,\"x\"".to_owned(),
        version: None,
    });
    elsewhere.owners[0].started = Some(UNIX_EPOCH + Duration::from_secs(1_795_252_323));
    elsewhere.owners[0].parents = vec![
        Ancestor {
            pid: 5,
            program: "bash".to_owned(),
        },
        Ancestor {
            pid: 1,
            program: "init".to_owned(),
        },
    ];
    Snapshot {
        listeners: vec![activated, running, group, proxied, hidden, elsewhere],
        publications: vec![Publication {
            transport: Transport::Udp,
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            port: 53,
            to: to(5353),
        }],
        ..Snapshot::default()
    }
}

fn shown(layout: &Layout, width: Option<usize>) -> String {
    let output = Output::of_width(Colour::Never, width);
    table(&machine(), &Sources::embedded(), layout, &output)
}

fn chosen(names: &str, order: &str) -> Layout {
    Layout {
        columns: columns(names).unwrap(),
        order: Order::parse(order).unwrap(),
        ..Layout::default()
    }
}

#[test]
fn what_has_nothing_to_tell_has_no_column() {
    assert_snapshot!(shown(&Layout::default(), None), @r##"
    PORT      ADDRESS            NAMESPACE  USER  PROGRAM                                       UNIT           STARTED                  PACKAGE   REGISTERED
    80/tcp    [::] +IPv4                    root  web.socket (systemd listens)                                                                    http, www, www-http
    81/tcp    [::] +IPv4                    root  nginx 12 +1 (by web.socket)                   nginx.service                                     unassigned
    8080/tcp  0.0.0.0 +mptcp ×4             root  node 900                                                                                        http-alt
    8081/tcp  0.0.0.0                       root  docker web1 (published; docker-proxy 123)                                                       sunproxyadmin
    8082/tcp  0.0.0.0                             ? (no permission, created by backup.service)                                                    us-cli
    22/tcp    0.0.0.0            blue       root  evil\u{1b}[2J= 77                                            2026-11-21 09:12:03 UTC  =cmd,"x"  ssh
    53/udp    0.0.0.0                             docker web1 (published, no socket)                                                              domain
    "##);
}

#[test]
fn a_terminal_of_80_columns_is_enough() {
    let text = shown(&Layout::default(), Some(80));
    for line in text.lines() {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 80, "{line}");
    }
}

#[test]
fn columns_and_order_are_as_asked_for() {
    let layout = chosen(
        "port,transport,queue,backlog,group,pid,parents",
        "-queue,-port",
    );
    assert_snapshot!(shown(&layout, None), @r##"
    PORT  TRANSPORT  QUEUE  BACKLOG  GROUP          PID  PARENTS
    8080  tcp        7      5        ×4 reuse_port  900
    8082  tcp        0      128
    8081  tcp        0      128                     123
    81    tcp        0      128                     12
    80    tcp        0      128                     1
    22    tcp        0      128                     77   bash(5) < init(1)
    53    udp
    "##);
}

#[test]
fn each_owner_may_have_a_line() {
    let layout = Layout {
        all_owners: true,
        no_header: true,
        ..chosen("port,program,unit", "pid")
    };
    assert_snapshot!(shown(&layout, None), @r##"
    80/tcp    web.socket (systemd listens)
    81/tcp    web.socket (systemd listens)
    81/tcp    nginx 12 (by web.socket)                      nginx.service
    81/tcp    nginx 13 (by web.socket)
    22/tcp    evil\u{1b}[2J= 77
    8081/tcp  docker web1 (published; docker-proxy 123)
    8080/tcp  node 900
    8082/tcp  ? (no permission, created by backup.service)
    53/udp    docker web1 (published, no socket)
    "##);
}

#[test]
fn csv_steers_no_terminal_and_no_spreadsheet() {
    let layout = chosen(
        "port,address,program,container,namespace,started,package,version",
        "port",
    );
    let text = csv::text(&machine(), &Sources::embedded(), &layout, false);
    assert_snapshot!(text.replace("\r\n", "|\n"), @r##"
    port,address,program,container,namespace,started,package,version|
    22,0.0.0.0,evil\u{1b}[2J=,,blue,2026-11-21T09:12:03Z,"'=cmd,""x""",|
    53,0.0.0.0,,docker web1,,,,|
    80,::,systemd,,,,,|
    81,::,systemd,,,,,|
    81,::,nginx,,,,,|
    81,::,nginx,,,,,|
    8080,0.0.0.0,node,,,,,|
    8081,0.0.0.0,docker-proxy,docker web1,,,,|
    8082,0.0.0.0,,,,,,|
    "##);
}

#[test]
fn csv_has_everything_but_details_unless_asked() {
    let heads = |details| {
        let text = csv::text(
            &Snapshot::default(),
            &Sources::embedded(),
            &Layout::default(),
            details,
        );
        text.trim_end().split(',').count()
    };
    assert_eq!((heads(false), heads(true)), (35, 40));
}

#[test]
fn the_sites_names_come_first_and_only_in_this_namespace() {
    use portolan_ports::site::{Fields, Here, Record, Status};
    use portolan_registry::PortRange;
    use portolan_survey::site::SiteRegistry;
    let day = jiff::civil::date(2026, 3, 2);
    let given = |id, name: &str, port| Record {
        id,
        file: None,
        version: 1,
        status: Status::Assigned,
        fields: Fields {
            service_name: name.to_owned(),
            ports: Some(PortRange::single(port)),
            transports: vec![Transport::Tcp],
            ..Fields::default()
        },
        requested_by: "ada".to_owned(),
        requested: day,
        assigned: Some(day),
        modified: day,
        because: String::new(),
        revocation: None,
        reuses: None,
    };
    let records = vec![
        given(1, "gateway", 8080),
        given(2, "jump", 22),
        given(3, "shop", 81),
    ];
    let site = SiteRegistry::of(records, Here::default());
    let sources = Sources::embedded().with_site(Some(&site));
    let output = Output::of_width(Colour::Never, None);
    let layout = chosen("port,transport,registered", "port");
    assert_snapshot!(table(&machine(), &sources, &layout, &output), @r##"
    PORT  TRANSPORT  REGISTERED
    22    tcp        ssh
    53    udp        domain
    80    tcp        http, www, www-http
    81    tcp        shop (site)
    8080  tcp        gateway (site), http-alt
    8081  tcp        sunproxyadmin
    8082  tcp        us-cli
    "##);
    let layout = chosen("port,registered", "registered");
    let text = csv::text(&machine(), &sources, &layout, false);
    assert_snapshot!(text.replace("\r\n", "|\n"), @r##"
    port,registered|
    53,domain|
    80,http www www-http|
    8080,site:gateway http-alt|
    81,site:shop|
    81,site:shop|
    81,site:shop|
    22,ssh|
    8081,sunproxyadmin|
    8082,us-cli|
    "##);
}

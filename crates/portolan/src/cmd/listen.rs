//! `portolan listen`: listeners and owners; sends nothing.

use portolan_inspect::{Namespaces, Options, OwnerSearch, Snapshot};
use portolan_ports::Unseen;
use portolan_survey::document::{ListenDocument, to_json};
use portolan_survey::selection::Selection;

use crate::arguments::{Arguments, Listen, Way};
use crate::exit::{Exit, malformed};
use crate::print::Output;
use crate::print::listen::{Layout, Order, TABLE, columns, csv, sort, table, unseen};
use crate::{clock, input};

/// More ports than this are filtered here: listeners alone cost the kernel less than all sockets.
const FEW_PORTS: u32 = 4096;

pub(crate) fn run(arguments: &Arguments, listen: &Listen, output: &Output) -> anyhow::Result<Exit> {
    if listen.columns.as_deref() == Some("help") {
        output.write(TABLE.as_bytes())?;
        return Ok(Exit::Fine);
    }
    let selection = selection(listen)?;
    if listen.follow.follow {
        #[cfg(unix)]
        return super::follow::run(arguments, &listen.follow, &selection, output);
        #[cfg(not(unix))]
        anyhow::bail!(
            "cannot follow listeners: nobody has taught Portolan to wait for signals on this system; list them anew instead: portolan listen"
        );
    }
    let layout = layout(listen)?;
    let options = options(listen, &selection, &layout);
    input::with_sources(arguments, |sources| {
        let observed_at = clock::now();
        let mut seen = look(&selection, &options);
        let undecided = selection.apply(&mut seen);
        let words = selection.words().collect::<Vec<_>>().join(" ");
        if arguments.json {
            sort(&mut seen.listeners, sources, &layout.order);
            let host = portolan_inspect::host_name();
            let document = ListenDocument::new(&host, &seen, sources, &observed_at)
                .selected(&selection, undecided);
            output.line(&to_json(&document, true)?)?;
        } else if listen.csv {
            let text = csv::text(&seen, sources, &layout, listen.details);
            output.write(text.as_bytes())?;
            for line in unseen(&seen, undecided, &words, output).lines() {
                output.remark(line);
            }
        } else {
            let mut text = String::new();
            if !is_empty(&seen) {
                text = table(&seen, sources, &layout, output);
            } else if selection.is_everything() && seen.gaps.is_empty() {
                let host = portolan_inspect::host_name();
                text = format!("{}: nothing listens\n", crate::print::neutral(&host));
            }
            text.push_str(&unseen(&seen, undecided, &words, output));
            output.write(text.as_bytes())?;
        }
        if listen.explain {
            for step in &seen.explanation {
                output.remark(step);
            }
        }
        let exit = end(&selection, &seen, undecided, output);
        // The process ends: its memory goes at once, which thousands of owners one by one do not.
        std::mem::forget(seen);
        exit
    })
}

/// What the filters select.
pub(crate) fn selection(listen: &Listen) -> anyhow::Result<Selection> {
    let words = listen.filters.iter().map(String::as_str);
    let selection = Selection::parse(words).map_err(malformed)?;
    match selection.needs_owners() {
        Some(word) if listen.no_owners => Err(malformed(anyhow::anyhow!(
            "{word} speaks of owners, and --no-owners does not look for them; leave out one of the two"
        ))),
        _ => Ok(selection),
    }
}

fn layout(listen: &Listen) -> anyhow::Result<Layout> {
    let chosen = listen.columns.as_deref().map(columns).transpose();
    let order = listen.sort.as_deref().map(Order::parse).transpose();
    Ok(Layout {
        columns: chosen.map_err(malformed)?.unwrap_or_default(),
        order: order.map_err(malformed)?.unwrap_or_default(),
        no_header: listen.no_header,
        all_owners: listen.all_owners,
    })
}

/// How to look, so that everything that is shown, sorted by or filtered by is there.
fn options(listen: &Listen, selection: &Selection, layout: &Layout) -> Options {
    let shown = layout.columns.iter().copied();
    let sorted = layout.order.keys().map(|(column, _)| column);
    let needed = shown.chain(sorted).any(|column| column.needs_details());
    Options {
        owners: match (listen.no_owners, listen.fast, listen.way) {
            (true, ..) => OwnerSearch::None,
            (_, true, _) => OwnerSearch::Fast,
            (_, _, Way::Auto) => OwnerSearch::Complete,
            (_, _, Way::Scan) => OwnerSearch::Scan,
            (_, _, Way::Iterator) => OwnerSearch::Iterator,
        },
        namespaces: if listen.own_namespace || selection.is_of_own_namespace() {
            Namespaces::Own
        } else {
            Namespaces::All
        },
        details: listen.details || needed || selection.needs_details(),
        ..Options::default()
    }
}

/// Looks at the machine; where the filters name few ports, the kernel tells of those alone.
pub(crate) fn look(selection: &Selection, options: &Options) -> Snapshot {
    let few = |ports: &&[portolan_registry::PortRange]| {
        ports.iter().map(|range| range.count()).sum::<u32>() <= FEW_PORTS
    };
    let Some(ports) = selection.ports().filter(few) else {
        return portolan_inspect::listeners(options);
    };
    let mut seen = portolan_inspect::ports(ports, options);
    // Nobody asked for other sockets here.
    seen.gaps.retain(|gap| gap.what != Unseen::Sockets);
    let named: Vec<String> = ports.iter().map(ToString::to_string).collect();
    let narrowed = format!("the kernel was asked for port {} alone", named.join(", "));
    Snapshot {
        listeners: seen.listeners,
        publications: seen.publications,
        explanation: std::iter::once(narrowed).chain(seen.explanation).collect(),
        gaps: seen.gaps,
    }
}

fn is_empty(seen: &Snapshot) -> bool {
    seen.listeners.is_empty() && seen.publications.is_empty()
}

/// Nothing that fits is bad news, unless what was hidden might have fitted.
fn end(
    selection: &Selection,
    seen: &Snapshot,
    undecided: usize,
    output: &Output,
) -> anyhow::Result<Exit> {
    if selection.is_everything() || !is_empty(seen) {
        return Ok(Exit::Fine);
    }
    let words = selection.words().collect::<Vec<_>>().join(" ");
    // That other namespaces stay closed to a person does not leave open what is in this one.
    let hidden = seen.gaps.iter().find(|gap| match gap.what {
        Unseen::Listeners => true,
        Unseen::Namespaces => selection.is_of_other_namespaces(),
        _ => false,
    });
    if let Some(gap) = hidden {
        anyhow::bail!(
            "nothing in sight fits {words}, and some listeners are not: {}",
            gap.detail
        );
    }
    if undecided > 0 {
        let hide = match undecided {
            1 => "1 listener hides its owners".to_owned(),
            n => format!("{n} listeners hide their owners"),
        };
        let root = if output.is_root() {
            ""
        } else {
            "; run as root to see them"
        };
        anyhow::bail!("nothing in sight fits {words}, and {hide}{root}");
    }
    output.complain(&format!("no listener fits {words}"));
    Ok(Exit::BadNews)
}

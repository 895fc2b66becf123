//! `portolan registry map`: the use of the whole port space.

use portolan_registry::map::PortMap;
use portolan_survey::document::{MapDocument, to_json};

use crate::arguments::{Arguments, MapArguments};
use crate::exit::Exit;
use crate::print::Output;
use crate::{input, print};

pub(crate) fn run(
    arguments: &Arguments,
    wanted: &MapArguments,
    output: &Output,
) -> anyhow::Result<Exit> {
    input::with_registry(arguments, |sources| {
        let registry = sources.registry;
        let map = PortMap::of(registry, wanted.transport);
        if arguments.json {
            output.line(&to_json(&MapDocument::new(registry, &map), true)?)?;
            return Ok(Exit::Fine);
        }
        let text = if wanted.svg {
            map.to_svg(registry.date())
        } else if wanted.table {
            print::map::table(&map, output)
        } else {
            print::map::text(registry, &map, output)
        };
        output.write(text.as_bytes())?;
        Ok(Exit::Fine)
    })
}

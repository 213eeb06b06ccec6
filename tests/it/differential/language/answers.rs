//! Compares rows of an answer with what they should be: the same rows in the same order, every selected and computed
//! value to the last digit, and of each row the same expanded rows.

use penstock::edm::Value;

use super::super::super::support::json::Json;
use super::super::rows::is_same;
use super::eval::{Sight, matching, part};
use super::expr::Reading;
use super::render::alias;
use super::world::World;

/// Says what differs, if anything does. `expected` are places of rows, `it` is their parent if they are expanded.
pub(super) fn compare(
    world: &World,
    set: usize,
    it: Option<(usize, usize)>,
    reading: &Reading,
    expected: &[usize],
    found: &[Json],
) -> Result<(), String> {
    for (place, (row, json)) in expected.iter().zip(found).enumerate() {
        compare_row(world, (set, *row), it, reading, json).map_err(|what| format!("row {place}: {what}\n  {json}"))?;
    }
    if expected.len() == found.len() {
        return Ok(());
    }
    let table = &world.sets[set].table;
    let at = expected.len().min(found.len());
    let missing: Vec<Vec<&Value>> =
        expected.iter().skip(at).map(|row| table.key.iter().map(|key| &table.rows[*row][*key]).collect()).collect();
    let surplus: Vec<String> = found.iter().skip(at).map(Json::to_string).collect();
    Err(format!("{} rows instead of {}: {missing:?} {surplus:?}", found.len(), expected.len()))
}

pub(super) fn compare_row(
    world: &World,
    (set, row): (usize, usize),
    it: Option<(usize, usize)>,
    reading: &Reading,
    json: &Json,
) -> Result<(), String> {
    let definition = &world.sets[set];
    let mut wanted: Vec<String> = Vec::new();
    let mut check = |name: String, ty, value: &Value| {
        let cell = json.get(&name).ok_or_else(|| format!("{name} is missing"))?;
        wanted.push(name.clone());
        if is_same(ty, value, cell) { Ok(()) } else { Err(format!("{name} is {cell} instead of {value:?}")) }
    };
    for column in &reading.columns {
        let column_definition = &definition.table.columns[*column];
        check(column_definition.name.clone(), column_definition.ty, &definition.table.rows[row][*column])?;
    }
    let sight = Sight::of(world, (set, row), it, &reading.compute);
    for place in &reading.selected {
        let expr = &reading.compute[*place];
        check(alias(*place), expr.kind().widest(), &sight.value(expr))?;
    }
    for expansion in &reading.expansions {
        let navigation = &definition.navigations[expansion.navigation];
        let inner = &expansion.reading;
        let related = &definition.related[expansion.navigation][row];
        let it = Some((set, row));
        let kept = matching(world, navigation.target, related.iter().copied(), it, inner);
        let expected = part(&kept, inner);
        let within = |what: String| format!("{}: {what}", navigation.name);
        let value = json.get(navigation.name).ok_or_else(|| within("is missing".to_owned()))?;
        match (navigation.many, value) {
            (true, Json::Array(found)) => {
                compare(world, navigation.target, it, inner, &expected, found).map_err(within)?;
            }
            (false, Json::Object(_)) if expected.len() == 1 => {
                compare_row(world, (navigation.target, expected[0]), it, inner, value).map_err(within)?;
            }
            (false, Json::Null) if expected.is_empty() => {}
            _ => return Err(within(format!("{value} instead of {} rows", expected.len()))),
        }
        let count = json.get(&format!("{}@odata.count", navigation.name)).map(Json::to_string);
        let wanted_count = inner.count.then(|| kept.len().to_string());
        if count != wanted_count {
            return Err(within(format!("count {count:?} instead of {wanted_count:?}")));
        }
        wanted.push(navigation.name.to_owned());
    }
    match json.members().iter().find(|(name, _)| !name.contains('@') && !wanted.contains(name)) {
        Some((name, _)) => Err(format!("{name} was not asked for")),
        None => Ok(()),
    }
}

//! Owns the requests of the fuzz test: made from pieces of the grammar over the names of a model, so that most of them
//! are right, and with values that are found again wherever they go.

mod expression;

use std::fmt::Write as _;

use penstock::edm::Scalar;
use penstock::model::{
    EntitySet, EntityType, Exposure, Model, Navigation, Operation, OperationKind, Property, Returns, SetId,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::random::Random;

/// What a value holds that stands nowhere else in the world.
#[derive(Clone, Debug)]
pub(crate) struct Marker {
    pub(crate) core: String,
    pub(crate) is_text: bool,
    /// Whether it must arrive as a parameter; false where a right answer can do without it.
    pub(crate) arrives: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) text: String,
    pub(crate) markers: Vec<Marker>,
}

/// Kinds of types whose values compare with each other.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Int,
    SmallInt,
    Decimal,
    /// Its values are rounded, and so not found again.
    Single,
    Double,
    Guid,
    Date,
    Instant,
    Clock,
    Duration,
    Boolean,
}

fn kind(property: &Property) -> Option<Kind> {
    if property.enumeration.is_some() || property.collection.is_some() || property.hidden || !property.filterable {
        return None;
    }
    kind_of(property.scalar)
}

fn kind_of(scalar: Scalar) -> Option<Kind> {
    Some(match scalar {
        Scalar::String { .. } => Kind::Text,
        Scalar::Int32 | Scalar::Int64 => Kind::Int,
        Scalar::Byte | Scalar::SByte | Scalar::Int16 => Kind::SmallInt,
        Scalar::Decimal { .. } => Kind::Decimal,
        Scalar::Single => Kind::Single,
        Scalar::Double => Kind::Double,
        Scalar::Guid => Kind::Guid,
        Scalar::Date => Kind::Date,
        Scalar::DateTimeOffset { .. } => Kind::Instant,
        Scalar::TimeOfDay { .. } => Kind::Clock,
        Scalar::Duration { .. } => Kind::Duration,
        Scalar::Boolean => Kind::Boolean,
        Scalar::Binary { .. } | Scalar::Stream | Scalar::GeographyPoint | Scalar::GeometryPoint => return None,
    })
}

/// What breaks out of a text that is pasted into a statement, and what patterns and encodings make of it.
const NASTY: [&str; 20] =
    ["", "'", "''", "\"", "`", "\\", "\\'", ";--", "/*", "*/", "%", "_", "$1", "?", ":a", "{0}", "ü🚀", " ", "\n", "]"];

const COMPARE: [&str; 6] = ["eq", "ne", "gt", "ge", "lt", "le"];

pub(crate) struct Generator<'m> {
    model: &'m Model,
    pub(crate) random: Random,
    count: usize,
    markers: Vec<Marker>,
    /// Parameter aliases and their values, for the end of the query.
    aliases: Vec<String>,
    /// Whether what is made now can be left out of the statements.
    loose: usize,
    /// Whether a part is known to be true or false before it is asked, so that others go with it.
    folds: bool,
}

/// Where names are looked for: a type, and what stands before its names (`x/` in a lambda).
#[derive(Clone)]
struct Place<'m> {
    set: &'m EntitySet,
    of: &'m EntityType,
    prefix: String,
}

impl<'m> Generator<'m> {
    pub(crate) fn new(model: &'m Model, seed: u64) -> Generator<'m> {
        let random = Random::new(seed);
        Generator { model, random, count: 0, markers: Vec::new(), aliases: Vec::new(), loose: 0, folds: false }
    }

    pub(crate) fn target(&mut self) -> Target {
        self.markers.clear();
        self.aliases.clear();
        self.folds = false;
        if self.random.chance(5)
            && let Some(text) = self.call()
        {
            return Target { text, markers: std::mem::take(&mut self.markers) };
        }
        // Hash maps have no order, and equal seeds are to give equal requests.
        let mut sets: Vec<SetId> = self.model.sets_by_name.values().copied().collect();
        sets.sort_by_key(|set| set.0);
        let place = loop {
            let id = *self.random.pick(&sets);
            if let Some(place) = self.place(id, "").filter(|place| place.set.exposure == Exposure::Set) {
                break place;
            }
        };
        let mut text = place.set.name.clone();
        let mut options = Vec::new();
        let other = *self.random.pick(&sets);
        let other = self.place(other, "").filter(|other| {
            other.set.exposure == Exposure::Set && other.set.source == place.set.source && other.set.name != text
        });
        let crossed = if self.random.chance(8) { other } else { None };
        let (place, many) = if crossed.is_some() { (place, false) } else { self.path(&mut text, place) };
        if let Some(other) = crossed {
            text = self.cross([place, other], &mut options);
        } else if let Some(call) = if many && self.random.chance(8) { self.each(&place) } else { None } {
            text.push_str(&call);
        } else if many && text == place.set.name && self.random.chance(15) {
            let apply = self.apply(&place);
            options.push(format!("$apply={apply}"));
        } else if many && self.random.chance(8) {
            text.push_str("/$count");
            let filter = self.boolean(&place, 3);
            options.push(format!("$filter={filter}"));
        } else if many {
            self.options(&place, &mut options, 0);
        } else if self.random.chance(60) {
            self.shape(&place, &mut options, 0);
        }
        options.append(&mut self.aliases);
        if !options.is_empty() {
            write!(text, "?{}", options.join("&")).unwrap();
        }
        let mut markers = std::mem::take(&mut self.markers);
        if self.folds {
            for marker in &mut markers {
                marker.arrives = false;
            }
        }
        Target { text, markers }
    }

    fn place(&self, set: SetId, prefix: &str) -> Option<Place<'m>> {
        let (set, of) = (self.model.set(set)?, self.model.type_of(set)?);
        Some(Place { set, of, prefix: prefix.to_owned() })
    }

    /// The call of a function that is bound to nothing, if there is one.
    fn call(&mut self) -> Option<String> {
        let wanted = |o: &&Operation| o.kind == OperationKind::Function && o.binding.is_none();
        let all: Vec<&Operation> = self.model.operations.iter().filter(wanted).collect();
        if all.is_empty() {
            return None;
        }
        let operation = *self.random.pick(&all);
        Some(format!("{}({})", operation.imported_as.as_ref()?, self.arguments(operation)?))
    }

    fn arguments(&mut self, operation: &Operation) -> Option<String> {
        let mut arguments = Vec::new();
        for parameter in operation.parameters.iter().filter(|p| !p.collection) {
            let value = match parameter.value_type.enumeration.and_then(|id| self.model.enumeration(id)) {
                Some(of) => format!("{}.{}'{}'", self.model.namespace, of.name, self.random.pick(&of.members).name),
                None => self.literal(kind_of(parameter.value_type.scalar)?),
            };
            arguments.push(format!("{}={value}", parameter.name));
        }
        Some(arguments.join(","))
    }

    /// A function for each entity, if there is one that stands inside another statement.
    fn each(&mut self, place: &Place<'m>) -> Option<String> {
        let is_on = |o: &Operation| {
            let binding = o.binding.as_ref().filter(|it| !it.collection && it.derived.is_none());
            binding.and_then(|it| self.model.set(it.set)).is_some_and(|set| set.name == place.set.name)
        };
        let is_one = |o: &Operation| matches!(o.returns, Some(Returns::Value { .. })) && o.inside.is_some();
        let all: Vec<&Operation> = self.model.operations.iter().filter(|o| is_on(o) && is_one(o)).collect();
        if all.is_empty() {
            return None;
        }
        let operation = *self.random.pick(&all);
        let arguments = self.arguments(operation)?;
        Some(format!("/$each/{}.{}({arguments})", self.model.namespace, operation.name))
    }

    /// Combinations of two sets, whose names stand before all others.
    fn cross(&mut self, places: [Place<'m>; 2], options: &mut Vec<String>) -> String {
        let names = places.each_ref().map(|place| place.set.name.clone());
        let [first, second] = places.map(|place| Place { prefix: format!("{}/", place.set.name), ..place });
        let (left, right) = (self.boolean(&first, 2), self.boolean(&second, 2));
        let word = *self.random.pick(&["and", "or"]);
        options.push(format!("$filter=({left}) {word} ({right})"));
        if self.random.chance(30) {
            self.loose += 1;
            let item = self.order(&second);
            self.loose -= 1;
            options.push(format!("$orderby={item}"));
        }
        if self.random.chance(30) {
            options.push(format!("$expand={}", names[0]));
        }
        format!("$crossjoin({})", names.join(","))
    }

    /// Goes on behind a set; gives where that leads, and whether it is a collection.
    fn path(&mut self, text: &mut String, place: Place<'m>) -> (Place<'m>, bool) {
        if self.random.chance(70) {
            return (place, true);
        }
        text.push('(');
        let keys: Vec<&Property> = place.of.key.iter().filter_map(|id| place.of.property(*id)).collect();
        for (index, key) in keys.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let name = if keys.len() == 1 && self.random.chance(80) { String::new() } else { format!("{}=", key.name) };
            let value = self.literal(kind(key).unwrap_or(Kind::Int));
            write!(text, "{comma}{name}{value}").unwrap();
        }
        text.push(')');
        match self.navigation(&place, |_| true) {
            Some(navigation) if self.random.chance(50) => {
                write!(text, "/{}", navigation.name).unwrap();
                let target = self.place(navigation.target, "").unwrap();
                // Related rows of a navigation to one are looked for with the values of the parent.
                (target, navigation.collection)
            }
            _ => (place, false),
        }
    }

    fn navigation(&mut self, place: &Place<'m>, wanted: impl Fn(&Navigation) -> bool) -> Option<&'m Navigation> {
        let all: Vec<&Navigation> =
            place.of.navigations.iter().filter(|n| n.declared_by.is_none() && wanted(n)).collect();
        if all.is_empty() { None } else { Some(*self.random.pick(&all)) }
    }

    /// A name that the client gives; it is no part of a statement.
    fn name(&mut self) -> String {
        self.count += 1;
        let name = format!("zq{}n", self.count);
        self.mark(&name, true, false);
        name
    }

    /// Transformations, one after the other.
    fn apply(&mut self, place: &Place<'m>) -> String {
        let mut steps = Vec::new();
        if self.random.chance(50) {
            steps.push(format!("filter({})", self.boolean(place, 2)));
        }
        // What is computed and not used need not be asked.
        self.loose += 1;
        let mut value = self.int(place, 1);
        if self.random.chance(30) {
            let name = self.name();
            steps.push(format!("compute({value} as {name})"));
            value = name;
        }
        let how = *self.random.pick(&["sum", "min", "max", "average", "countdistinct"]);
        let (total, number) = (self.name(), self.name());
        let aggregate = format!("aggregate({value} with {how} as {total},$count as {number})");
        let by = self.property(place, Kind::Text).or_else(|| self.property(place, Kind::Int));
        match by {
            Some(by) if self.random.chance(70) => steps.push(format!("groupby(({by}),{aggregate})")),
            _ => steps.push(aggregate),
        }
        if self.random.chance(50) {
            let value = self.literal(Kind::Int);
            steps.push(format!("filter({number} gt {value} or {total} eq null)"));
        }
        if self.random.chance(30) {
            steps.push(format!("orderby({total} desc)/skip(3)/top({})", 1 + self.random.below(99)));
        }
        self.loose -= 1;
        steps.join("/")
    }

    /// Options of a collection.
    fn options(&mut self, place: &Place<'m>, options: &mut Vec<String>, level: usize) {
        if self.random.chance(75) {
            let filter = self.boolean(place, 3);
            options.push(format!("$filter={filter}"));
        }
        // Without a text to look into, no row is found, and nothing else is asked.
        let has_texts = place.of.properties.iter().any(|p| p.searchable && matches!(p.scalar, Scalar::String { .. }));
        if place.set.searchable && has_texts && self.random.chance(15) {
            let search = self.search();
            options.push(format!("$search={search}"));
        }
        if self.random.chance(30) {
            self.loose += 1;
            let items: Vec<String> = (0..=self.random.below(2)).map(|_| self.order(place)).collect();
            self.loose -= 1;
            options.push(format!("$orderby={}", items.join(",")));
        }
        if self.random.chance(25) {
            options.push(format!("$top={}", 1 + self.random.below(900)));
        }
        if self.random.chance(15) {
            options.push(format!("$skip={}", self.random.below(900)));
        }
        if self.random.chance(20) {
            options.push("$count=true".to_owned());
        }
        self.shape(place, options, level);
    }

    /// Options that say what is written.
    fn shape(&mut self, place: &Place<'m>, options: &mut Vec<String>, level: usize) {
        let mut select = Vec::new();
        if self.random.chance(35) {
            let names = place.of.properties.iter().filter(|p| !p.hidden && p.declared_by.is_none());
            let names: Vec<&str> = names.map(|property| property.name.as_str()).collect();
            select.push((*self.random.pick(&names)).to_owned());
        }
        if self.random.chance(10) {
            let name = self.name();
            self.loose += 1;
            let value = self.int(place, 2);
            self.loose -= 1;
            options.push(format!("$compute={value} as {name}"));
            select.push(name);
        }
        if !select.is_empty() {
            options.push(format!("$select={}", select.join(",")));
        }
        if level < 2 && self.random.chance(35) {
            let Some(navigation) = self.navigation(place, |n| n.expandable && !n.contained) else { return };
            let target = self.place(navigation.target, "").unwrap();
            let mut inner = Vec::new();
            if navigation.collection {
                self.options(&target, &mut inner, level + 1);
            } else {
                self.shape(&target, &mut inner, level + 1);
            }
            let inner = if inner.is_empty() { String::new() } else { format!("({})", inner.join(";")) };
            options.push(format!("$expand={}{inner}", navigation.name));
        }
    }

    fn order(&mut self, place: &Place<'m>) -> String {
        let value = if self.random.chance(50) { self.text(place, 2) } else { self.int(place, 2) };
        format!("{value}{}", self.random.pick(&["", " desc", " asc"]))
    }

    fn search(&mut self) -> String {
        let one = |this: &mut Self| {
            this.count += 1;
            let core = format!("zq{}x", this.count);
            this.mark(&core, true, true);
            let nasty = (*this.random.pick(&NASTY)).replace(['"', '\\'], "");
            if this.random.chance(50) { core } else { encoded(&format!("\"{core}{nasty}\"")) }
        };
        let first = one(self);
        match self.random.below(4) {
            0 => format!("{first} {}", one(self)),
            1 => format!("{first} OR {}", one(self)),
            2 => format!("NOT {first}"),
            _ => first,
        }
    }

    fn mark(&mut self, core: &str, is_text: bool, arrives: bool) {
        self.markers.push(Marker { core: core.to_owned(), is_text, arrives: arrives && self.loose == 0 });
    }

    /// A value that is used nowhere else, in its spelling in a URL.
    fn literal(&mut self, kind: Kind) -> String {
        self.count += 1;
        let n = self.count;
        let number = 1_000_000_000 + n % 1_000_000_000;
        match kind {
            Kind::Text => {
                let (before, after) = (*self.random.pick(&NASTY), *self.random.pick(&NASTY));
                self.mark(&format!("zq{n}x"), true, true);
                format!("'{}'", encoded(&format!("{before}zq{n}x{after}").replace('\'', "''")))
            }
            Kind::Int => {
                self.mark(&number.to_string(), false, true);
                format!("{}{number}", self.random.pick(&["", "-"]))
            }
            Kind::SmallInt => self.random.below(100).to_string(),
            Kind::Decimal => {
                self.mark(&number.to_string(), false, true);
                format!("{number}.{:02}", self.random.below(100))
            }
            Kind::Single | Kind::Double => {
                self.mark(&number.to_string(), false, kind == Kind::Double);
                format!("{number}.5")
            }
            Kind::Guid => {
                let value = format!("{n:08x}-4f89-11d3-9a0c-0305e82c3301");
                self.mark(&value, true, false);
                value
            }
            Kind::Date => {
                let value = format!("{:04}-{:02}-{:02}", 3_000 + n % 6_000, 1 + n % 12, 1 + n % 28);
                self.mark(&value, true, false);
                value
            }
            Kind::Instant => {
                let date = format!("{:04}-{:02}-{:02}", 3_000 + n % 6_000, 1 + n % 12, 1 + n % 28);
                self.mark(&date, true, false);
                format!("{date}T{:02}:{:02}:{:02}Z", n % 24, n % 60, n % 59)
            }
            Kind::Clock => format!("{:02}:{:02}:{:02}", n % 24, n % 60, n % 59),
            Kind::Duration => format!("duration'P{}DT{}H'", n % 99, n % 24),
            Kind::Boolean => (*self.random.pick(&["true", "false"])).to_owned(),
        }
    }

    /// The same, or a parameter alias that stands for it.
    fn value(&mut self, kind: Kind) -> String {
        let literal = self.literal(kind);
        if self.random.chance(92) {
            return literal;
        }
        let name = format!("@p{}", self.aliases.len());
        self.aliases.push(format!("{name}={literal}"));
        name
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

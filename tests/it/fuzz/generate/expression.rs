//! Owns the expressions of the requests, by the kind of their value.

use penstock::model::{Navigation, Property};

use super::{COMPARE, Generator, Kind, Place, kind};

impl<'m> Generator<'m> {
    /// A property of this kind, here or behind a navigation to one.
    pub(super) fn property(&mut self, place: &Place<'m>, wanted: Kind) -> Option<String> {
        let source = place.set.source;
        let model = self.model;
        let one = |n: &Navigation| {
            !n.collection
                && n.filterable
                && n.link.is_none()
                && model.set(n.target).is_some_and(|set| set.source == source)
        };
        if self.random.chance(12)
            && let Some(navigation) = self.navigation(place, one)
        {
            let prefix = format!("{}{}/", place.prefix, navigation.name);
            let target = self.place(navigation.target, &prefix)?;
            return self.own(&target, wanted);
        }
        self.own(place, wanted)
    }

    fn own(&mut self, place: &Place<'m>, wanted: Kind) -> Option<String> {
        let all: Vec<&Property> = place
            .of
            .properties
            .iter()
            // Columns of complex values have longer names.
            .filter(|p| {
                p.declared_by.is_none() && kind(p) == Some(wanted) && place.of.property_named(&p.name).is_some()
            })
            .collect();
        if all.is_empty() { None } else { Some(format!("{}{}", place.prefix, self.random.pick(&all).name)) }
    }

    /// A comparison of an enumeration, or of what its members are named after.
    fn member(&mut self, place: &Place<'m>) -> Option<String> {
        let wanted = |p: &&Property| p.enumeration.is_some() && p.collection.is_none() && p.filterable && !p.hidden;
        let all: Vec<&Property> =
            place.of.properties.iter().filter(wanted).filter(|p| p.declared_by.is_none()).collect();
        if all.is_empty() {
            return None;
        }
        let property = *self.random.pick(&all);
        let enumeration = self.model.enumeration(property.enumeration?)?;
        let member = &self.random.pick(&enumeration.members).name;
        let name = format!("{}{}", place.prefix, property.name);
        Some(match self.random.below(3) {
            0 if enumeration.flags => format!("{name} has {}.{}'{member}'", self.model.namespace, enumeration.name),
            1 => format!("{name} in ('{member}')"),
            _ => format!("{name} ne {}.{}'{member}'", self.model.namespace, enumeration.name),
        })
    }

    /// A text that hangs on a column.
    pub(super) fn text(&mut self, place: &Place<'m>, depth: usize) -> String {
        let plain = match self.property(place, Kind::Text).or_else(|| self.own(place, Kind::Text)) {
            Some(plain) => plain,
            None => format!("cast({},Edm.String)", self.property(place, Kind::Int).unwrap_or_else(|| "1".to_owned())),
        };
        if depth == 0 {
            return plain;
        }
        match self.random.below(9) {
            0 => format!("tolower({})", self.text(place, depth - 1)),
            1 => format!("toupper({})", self.text(place, depth - 1)),
            2 => format!("trim({})", self.text(place, depth - 1)),
            3 => format!("concat({},{})", self.text(place, depth - 1), self.value(Kind::Text)),
            4 => format!("substring({},{})", self.text(place, depth - 1), self.random.below(9)),
            5 => {
                format!("substring({},{},{})", self.text(place, depth - 1), self.random.below(9), self.random.below(9))
            }
            _ => plain,
        }
    }

    /// A whole number that hangs on a column.
    pub(super) fn int(&mut self, place: &Place<'m>, depth: usize) -> String {
        let plain = self.property(place, Kind::Int).or_else(|| self.property(place, Kind::SmallInt));
        if depth == 0
            && let Some(plain) = &plain
        {
            return plain.clone();
        }
        let depth = depth.saturating_sub(1);
        match (self.random.below(9), plain) {
            (0, _) | (_, None) => format!("length({})", self.text(place, depth)),
            (1, _) => format!("indexof({},{})", self.text(place, depth), self.value(Kind::Text)),
            (2, _) => match self.property(place, Kind::Instant) {
                Some(instant) => {
                    let part = *self.random.pick(&["year", "month", "day", "hour", "minute", "second"]);
                    format!("{part}({instant})")
                }
                None => self.int(place, depth),
            },
            (3, _) => {
                let operator = *self.random.pick(&["add", "sub", "mul"]);
                format!("({} {operator} {})", self.int(place, depth), self.value(Kind::Int))
            }
            (4, _) => {
                let operator = *self.random.pick(&["div", "mod"]);
                format!("({} {operator} {})", self.int(place, depth), self.value(Kind::Int))
            }
            (_, Some(plain)) => plain,
        }
    }

    pub(super) fn comparison(&mut self, place: &Place<'m>, depth: usize) -> String {
        const KINDS: [Kind; 12] = [
            Kind::Text,
            Kind::Int,
            Kind::SmallInt,
            Kind::Decimal,
            Kind::Single,
            Kind::Double,
            Kind::Guid,
            Kind::Date,
            Kind::Instant,
            Kind::Clock,
            Kind::Duration,
            Kind::Boolean,
        ];
        let kind = *self.random.pick(&KINDS);
        let operator = *self.random.pick(if kind == Kind::Boolean { &COMPARE[..2] } else { &COMPARE });
        let side = match kind {
            Kind::Text => self.text(place, depth),
            Kind::Int => self.int(place, depth),
            _ => match self.property(place, kind) {
                Some(side) => side,
                None => return self.comparison(place, depth),
            },
        };
        if self.random.chance(4) {
            self.folds = true;
            return format!("{side} eq null");
        }
        if kind != Kind::Boolean && self.random.chance(12) {
            let list: Vec<String> = (0..=self.random.below(4)).map(|_| self.literal(kind)).collect();
            return format!("{side} in ({})", list.join(","));
        }
        let value = self.value(kind);
        if self.random.chance(20) { format!("{value} {operator} {side}") } else { format!("{side} {operator} {value}") }
    }

    pub(super) fn boolean(&mut self, place: &Place<'m>, depth: usize) -> String {
        if depth == 0 {
            return self.comparison(place, 1);
        }
        let depth = depth - 1;
        match self.random.below(12) {
            0 => format!("not ({})", self.boolean(place, depth)),
            1 | 2 => format!("{} and {}", self.bracketed(place, depth), self.bracketed(place, depth)),
            3 | 4 => format!("{} or {}", self.bracketed(place, depth), self.bracketed(place, depth)),
            5 | 6 => {
                let name = *self.random.pick(&["contains", "startswith", "endswith"]);
                let end = *self.random.pick(&["", " eq true", " eq false"]);
                format!("{name}({},{}){end}", self.text(place, depth), self.value(Kind::Text))
            }
            7 | 8 => self.lambda(place, depth),
            9 if self.random.chance(50) => match self.member(place) {
                Some(member) => member,
                None => format!("cast({},Edm.String) eq {}", self.int(place, 1), self.value(Kind::Text)),
            },
            9 => {
                let (when, then) = (self.comparison(place, 1), self.literal(Kind::Text));
                format!("case({when}:{},true:{then}) ne {}", self.text(place, 1), self.literal(Kind::Text))
            }
            _ => self.comparison(place, 2),
        }
    }

    fn bracketed(&mut self, place: &Place<'m>, depth: usize) -> String {
        format!("({})", self.boolean(place, depth))
    }

    fn lambda(&mut self, place: &Place<'m>, depth: usize) -> String {
        let (source, model) = (place.set.source, self.model);
        let many = |n: &Navigation| {
            n.collection && n.filterable && model.set(n.target).is_some_and(|set| set.source == source)
        };
        let Some(navigation) = self.navigation(place, many) else { return self.comparison(place, depth) };
        let variable = self.name();
        let target = self.place(navigation.target, &format!("{variable}/")).unwrap();
        let path = format!("{}{}", place.prefix, navigation.name);
        match self.random.below(6) {
            0 => format!("{path}/any()"),
            1 => format!("{path}/$count gt {}", self.random.below(9)),
            word => {
                let word = if word % 2 == 0 { "any" } else { "all" };
                format!("{path}/{word}({variable}:{})", self.boolean(&target, depth))
            }
        }
    }
}

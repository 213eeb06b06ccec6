//! Values of every kind but conditions, drawn from a source of choices. What could leave a type's range is not drawn:
//! which row a database looks at first, and so whether it refuses, is its own matter.

use bigdecimal::{BigDecimal, ToPrimitive};
use penstock::edm::Value;

use super::super::value::Type;
use super::data;
use super::expr::{Arithmetic, Expr, Function, Kind};
use super::generate::Generator;
use super::world::SCALE;

/// How large a number can be, and how many digits right of the point it can have. Durations are microseconds.
#[derive(Clone, Copy, Debug)]
struct Bound {
    size: f64,
    scale: f64,
}

fn bound(size: f64, scale: f64) -> Bound {
    Bound { size, scale }
}

impl Bound {
    /// Whether a number of a kind can be so, with room for one more operation.
    fn fits(self, kind: Kind) -> bool {
        match kind {
            Kind::Int => self.size < 4e18,
            Kind::Decimal => self.size < 1e26 && self.scale <= 28.0,
            Kind::Double => self.size < 1e60,
            Kind::Span => self.size < 1e18,
            _ => true,
        }
    }
}

impl Generator<'_> {
    /// A value, or a literal, which may be null.
    pub(super) fn operand(&mut self, kind: Kind, depth: usize) -> Expr {
        match self.choices.below(10) {
            0..4 => Expr::Literal(data::value(self.choices, kind.widest()), kind),
            4 if self.choices.chance(30) => Expr::Literal(Value::Null, kind),
            _ => self.value(kind, depth),
        }
    }

    /// A value that has a type by itself: never a bare literal.
    pub(super) fn value(&mut self, kind: Kind, depth: usize) -> Expr {
        if depth > 0 && !self.choices.is_spent() {
            let wide = self.choices.below(10);
            let found = match wide {
                0..3 => None,
                3 if self.frames.len() == 1 => self.computed(kind),
                3 | 4 => Some(self.case(kind, depth - 1)),
                _ => Some(self.composed(kind, depth - 1)),
            };
            if let Some(found) = found.filter(|found| self.bound(found).fits(kind)) {
                return found;
            }
        }
        for _ in 0..3 {
            if let Some(property) = self.property(kind) {
                return property;
            }
        }
        // Not every type has properties of these kinds.
        match kind {
            Kind::Guid | Kind::Clock => Expr::Cast(Box::new(self.value(Kind::Text, 0)), kind.widest()),
            kind => {
                let text = Expr::Literal(Value::String("x".into()), Kind::Text);
                match kind {
                    Kind::Text => Expr::Call(Function::ToLower, vec![text], Kind::Text),
                    Kind::Span => {
                        let pause = Expr::Literal(Value::Duration(1_000_000), Kind::Span);
                        Expr::Arithmetic(Arithmetic::Add, Box::new(pause.clone()), Box::new(pause), Kind::Span)
                    }
                    Kind::Instant => Expr::MinDateTime,
                    Kind::Date => Expr::Call(Function::Date, vec![Expr::MaxDateTime], Kind::Date),
                    kind => Expr::Cast(Box::new(Expr::Call(Function::Length, vec![text], Kind::Int)), kind.widest()),
                }
            }
        }
    }

    fn computed(&mut self, kind: Kind) -> Option<Expr> {
        let fitting: Vec<usize> = (0..self.compute.len()).filter(|place| self.compute[*place].kind() == kind).collect();
        if fitting.is_empty() { None } else { Some(Expr::Computed(self.choices.pick(&fitting), kind)) }
    }

    fn case(&mut self, kind: Kind, depth: usize) -> Expr {
        let mut cases = vec![(self.condition(depth), self.value(kind, depth))];
        while cases.len() < 3 && self.choices.chance(50) {
            cases.push((self.condition(depth), self.operand(kind, depth)));
        }
        if self.choices.chance(40) {
            let otherwise = Expr::Literal(Value::Boolean(true), Kind::Boolean);
            cases.push((otherwise, self.operand(kind, depth)));
        }
        Expr::Case(cases, kind)
    }

    /// A calculation, a function or a cast that gives a value of the kind.
    fn composed(&mut self, kind: Kind, depth: usize) -> Expr {
        match kind {
            Kind::Boolean => self.condition(depth),
            Kind::Int => self.integer(depth),
            Kind::Decimal => self.decimal(depth),
            Kind::Double => self.double(depth),
            Kind::Text => self.text(depth),
            Kind::Guid => Expr::Cast(Box::new(self.value(Kind::Text, depth)), Type::Guid),
            Kind::Date | Kind::Instant | Kind::Clock => self.time(kind, depth),
            Kind::Span => self.span(depth),
        }
    }

    fn call(&mut self, function: Function, of: Kind, gives: Kind, depth: usize) -> Expr {
        Expr::Call(function, vec![self.value(of, depth)], gives)
    }

    /// The calculation, or one of its operands where its result could be too large.
    fn calculated(&self, operator: Arithmetic, left: Expr, right: Expr, kind: Kind) -> Expr {
        let divides = matches!(operator, Arithmetic::Div | Arithmetic::DivBy | Arithmetic::Mod);
        let right = match right {
            // A zero that stands there is refused.
            Expr::Literal(value, of) if divides && is_zero(&value) => Expr::Literal(three(of), of),
            right => right,
        };
        let whole = Expr::Arithmetic(operator, Box::new(left), Box::new(right), kind);
        if self.bound(&whole).fits(kind) {
            return whole;
        }
        match whole {
            Expr::Arithmetic(_, left, ..) if left.kind() == kind && !left.is_literal() => *left,
            Expr::Arithmetic(_, _, right, _) if right.kind() == kind && !right.is_literal() => *right,
            _ => Expr::Cast(Box::new(Expr::Literal(three(Kind::Int), Kind::Int)), kind.widest()),
        }
    }

    fn integer(&mut self, depth: usize) -> Expr {
        use Arithmetic::{Add, Div, Mod, Mul, Sub};
        match self.choices.below(16) {
            0..5 => {
                let operator = self.choices.pick(&[Add, Sub, Mul, Div, Mod]);
                let left =
                    if self.choices.chance(15) { self.operand(Kind::Int, depth) } else { self.value(Kind::Int, depth) };
                let right = self.operand(Kind::Int, depth);
                self.calculated(operator, left, right, Kind::Int)
            }
            5 => Expr::Negate(Box::new(self.value(Kind::Int, depth)), Kind::Int),
            6 => self.call(Function::Length, Kind::Text, Kind::Int, depth),
            7 => {
                let arguments = vec![self.value(Kind::Text, depth), self.operand(Kind::Text, depth)];
                Expr::Call(Function::IndexOf, arguments, Kind::Int)
            }
            8 => {
                let function = self.choices.pick(&[Function::Year, Function::Month, Function::Day]);
                let of = self.choices.pick(&[Kind::Date, Kind::Instant]);
                self.call(function, of, Kind::Int, depth)
            }
            9 => {
                let function = self.choices.pick(&[Function::Hour, Function::Minute, Function::Second]);
                let of = self.choices.pick(&[Kind::Instant, Kind::Clock]);
                self.call(function, of, Kind::Int, depth)
            }
            10 | 11 => self.count(depth),
            12 => {
                let function = self.choices.pick(&[Function::Round, Function::Floor, Function::Ceiling]);
                self.call(function, Kind::Int, Kind::Int, depth)
            }
            13 => self.call(Function::TotalOffsetMinutes, Kind::Instant, Kind::Int, depth),
            _ => {
                let to = self.choices.pick(&[Type::Int32, Type::Int64, Type::Int16, Type::Byte, Type::SByte]);
                let of = self.choices.pick(&[Kind::Decimal, Kind::Text, Kind::Int, Kind::Double]);
                // The digits of a calculated floating-point number are the database's own.
                let depth = if of == Kind::Double { 0 } else { depth };
                Expr::Cast(Box::new(self.value(of, depth)), to)
            }
        }
    }

    fn count(&mut self, depth: usize) -> Expr {
        let Some((way, navigation, target)) = self.many() else { return self.value(Kind::Int, 0) };
        let filter = self.choices.chance(50).then(|| Box::new(self.counted(target, depth)));
        Expr::Count(way, navigation, filter)
    }

    fn decimal(&mut self, depth: usize) -> Expr {
        use Arithmetic::{Add, Div, DivBy, Mod, Mul, Sub};
        match self.choices.below(12) {
            0..5 => {
                let operator = self.choices.pick(&[Add, Sub, Mul, Div, DivBy, Mod]);
                let left = self.value(Kind::Decimal, depth);
                let other = self.choices.pick(&[Kind::Decimal, Kind::Int]);
                let right = self.operand(other, depth);
                let swapped = self.choices.chance(25) && !right.is_literal();
                let (left, right) = if swapped { (right, left) } else { (left, right) };
                self.calculated(operator, left, right, Kind::Decimal)
            }
            5 | 6 => {
                let (left, right) = (self.value(Kind::Int, depth), self.operand(Kind::Int, depth));
                self.calculated(DivBy, left, right, Kind::Decimal)
            }
            7 => Expr::Negate(Box::new(self.value(Kind::Decimal, depth)), Kind::Decimal),
            8 => {
                let function = self.choices.pick(&[Function::Round, Function::Floor, Function::Ceiling]);
                self.call(function, Kind::Decimal, Kind::Decimal, depth)
            }
            9 => {
                let of = self.choices.pick(&[Kind::Instant, Kind::Clock]);
                self.call(Function::FractionalSeconds, of, Kind::Decimal, depth)
            }
            10 => self.call(Function::TotalSeconds, Kind::Span, Kind::Decimal, depth),
            _ => {
                let of = self.choices.pick(&[Kind::Int, Kind::Text, Kind::Double]);
                let depth = if of == Kind::Double { 0 } else { depth };
                Expr::Cast(Box::new(self.value(of, depth)), Type::Decimal)
            }
        }
    }

    fn double(&mut self, depth: usize) -> Expr {
        use Arithmetic::{Add, Div, Mod, Mul, Sub};
        match self.choices.below(10) {
            0..4 => {
                let operator = self.choices.pick(&[Add, Sub, Mul]);
                let left = self.value(Kind::Double, depth);
                let of = self.choices.pick(&[Kind::Double, Kind::Int, Kind::Decimal]);
                let right = if of == Kind::Double { self.operand(of, depth) } else { self.value(of, 0) };
                let (left, right) = if self.choices.chance(25) { (right, left) } else { (left, right) };
                self.calculated(operator, left, right, Kind::Double)
            }
            4 | 5 => {
                // What a division by zero gives is the database's own, and so are the digits of a remainder.
                let operator = self.choices.pick(&[Div, Mod]);
                let left = self.value(Kind::Double, if operator == Mod { 0 } else { depth });
                let right = Expr::Literal(Value::Double(data::double(self.choices)), Kind::Double);
                self.calculated(operator, left, right, Kind::Double)
            }
            6 => Expr::Negate(Box::new(self.value(Kind::Double, depth)), Kind::Double),
            7 => {
                let function = self.choices.pick(&[Function::Round, Function::Floor, Function::Ceiling]);
                self.call(function, Kind::Double, Kind::Double, 0)
            }
            _ => {
                let of = self.choices.pick(&[Kind::Int, Kind::Decimal, Kind::Text]);
                Expr::Cast(Box::new(self.value(of, 0)), Type::Double)
            }
        }
    }

    fn text(&mut self, depth: usize) -> Expr {
        match self.choices.below(9) {
            0 | 1 => {
                let arguments = vec![self.value(Kind::Text, depth), self.operand(Kind::Text, depth)];
                Expr::Call(Function::Concat, arguments, Kind::Text)
            }
            2 | 3 => {
                let mut arguments = vec![self.value(Kind::Text, depth), self.small(depth)];
                if self.choices.chance(50) {
                    arguments.push(self.small(depth));
                    // A negative length is refused where it is a literal.
                    if let Some(Expr::Literal(Value::Int(length), _)) = arguments.last_mut() {
                        *length = length.abs();
                    }
                }
                Expr::Call(Function::Substring, arguments, Kind::Text)
            }
            4..7 => {
                let function = self.choices.pick(&[Function::ToLower, Function::ToUpper, Function::Trim]);
                self.call(function, Kind::Text, Kind::Text, depth)
            }
            _ => {
                let kinds = [
                    Kind::Int,
                    Kind::Decimal,
                    Kind::Date,
                    Kind::Instant,
                    Kind::Guid,
                    Kind::Clock,
                    Kind::Span,
                    Kind::Boolean,
                ];
                let of = self.choices.pick(&kinds);
                Expr::Cast(Box::new(self.value(of, depth)), Type::String)
            }
        }
    }

    fn small(&mut self, depth: usize) -> Expr {
        match self.choices.below(3) {
            0 | 1 => Expr::Literal(Value::Int(self.choices.pick(&[0, 1, 2, -1, -2, 3, 100, -100])), Kind::Int),
            _ => self.value(Kind::Int, depth),
        }
    }

    fn time(&mut self, kind: Kind, depth: usize) -> Expr {
        let operator = self.choices.pick(&[Arithmetic::Add, Arithmetic::Sub]);
        match (kind, self.choices.below(6)) {
            (Kind::Clock, 0..=4) => self.call(Function::Time, Kind::Instant, kind, depth),
            (Kind::Date, 0) => self.call(Function::Date, Kind::Instant, kind, depth),
            (Kind::Date, 1) => Expr::Cast(Box::new(self.value(Kind::Instant, depth)), Type::Date),
            (Kind::Instant, 0) => Expr::Cast(Box::new(self.value(Kind::Date, depth)), Type::DateTimeOffset),
            (Kind::Instant, 1) => self.choices.pick(&[Expr::MinDateTime, Expr::MaxDateTime]),
            (_, 5..) => Expr::Cast(Box::new(self.value(Kind::Text, depth)), kind.widest()),
            _ => {
                let at = self.value(kind, depth);
                let by = self.operand(Kind::Span, depth);
                // Instants of a database end somewhere, too.
                let fits = self.bound(&by).size < 1e17;
                if fits { Expr::Arithmetic(operator, Box::new(at), Box::new(by), kind) } else { at }
            }
        }
    }

    fn span(&mut self, depth: usize) -> Expr {
        use Arithmetic::{Add, Div, Mul, Sub};
        match self.choices.below(7) {
            0 | 1 => {
                let kind = self.choices.pick(&[Kind::Instant, Kind::Date]);
                let (left, right) = (self.value(kind, depth), self.value(kind, depth));
                Expr::Arithmetic(Sub, Box::new(left), Box::new(right), Kind::Span)
            }
            2 | 3 => {
                let operator = self.choices.pick(&[Add, Sub]);
                let (left, right) = (self.value(Kind::Span, depth), self.operand(Kind::Span, depth));
                self.calculated(operator, left, right, Kind::Span)
            }
            4 | 5 => {
                let operator = self.choices.pick(&[Mul, Div]);
                let left = self.value(Kind::Span, depth);
                let of = self.choices.pick(&[Kind::Int, Kind::Decimal, Kind::Double]);
                let right = if self.choices.chance(50) {
                    Expr::Literal(
                        data::value(self.choices, if of == Kind::Int { Type::Int16 } else { of.widest() }),
                        of,
                    )
                } else {
                    self.value(of, if of == Kind::Double { 0 } else { depth })
                };
                let swapped = operator == Mul && !right.is_literal() && self.choices.chance(30);
                let (left, right) = if swapped { (right, left) } else { (left, right) };
                self.calculated(operator, left, right, Kind::Span)
            }
            _ => Expr::Negate(Box::new(self.value(Kind::Span, depth)), Kind::Span),
        }
    }

    /// The bound of a number or a duration.
    fn bound(&self, expr: &Expr) -> Bound {
        match expr {
            Expr::Literal(value, _) => of_value(value),
            Expr::Property(way, column, kind) => {
                let rows = self.world.sets[self.set_of(way)].table.rows.iter();
                let size = rows.map(|row| of_value(&row[*column]).size).fold(0.0, f64::max);
                bound(size, if *kind == Kind::Decimal { f64::from(i32::try_from(SCALE).unwrap()) } else { 0.0 })
            }
            Expr::Computed(place, _) => self.bound(&self.compute[*place]),
            Expr::Negate(operand, _) => self.bound(operand),
            Expr::Case(cases, _) => {
                let bounds = cases.iter().map(|(_, then)| self.bound(then));
                bounds.fold(bound(0.0, 0.0), |a, b| bound(a.size.max(b.size), a.scale.max(b.scale)))
            }
            Expr::Call(Function::Round | Function::Floor | Function::Ceiling, arguments, _) => {
                bound(self.bound(&arguments[0]).size + 1.0, 0.0)
            }
            Expr::Call(Function::TotalSeconds, arguments, _) => bound(self.bound(&arguments[0]).size / 1e6, 6.0),
            Expr::Call(Function::FractionalSeconds, ..) => bound(1.0, 6.0),
            Expr::Cast(operand, to) => match (operand.kind(), to.integer_range()) {
                (_, Some((_, high))) => bound(high.to_f64().unwrap() + 1.0, 0.0),
                // A text can be any number.
                (Kind::Text, None) => bound(1e99, 99.0),
                (Kind::Double, None) => bound(self.bound(operand).size, 30.0),
                (_, None) => self.bound(operand),
            },
            Expr::Arithmetic(operator, left, right, kind) => {
                of_arithmetic(*operator, (left.kind(), self.bound(left)), self.bound(right), *kind)
            }
            _ => bound(1e4, 0.0),
        }
    }
}

fn of_arithmetic(operator: Arithmetic, (of, left): (Kind, Bound), right: Bound, kind: Kind) -> Bound {
    let scale = left.scale.max(right.scale);
    match (operator, kind) {
        // Between two times.
        (_, Kind::Span) if matches!(of, Kind::Date | Kind::Instant) => bound(3.3e17, 0.0),
        (Arithmetic::Add | Arithmetic::Sub, _) => bound(left.size + right.size, scale),
        (Arithmetic::Mul, _) => bound(left.size * right.size, left.scale + right.scale),
        (Arithmetic::Mod, _) => bound(right.size, scale),
        (_, Kind::Int) => left,
        // The least divisor is one in its last place.
        (_, Kind::Decimal) => bound(left.size * 10_f64.powf(right.scale), 12.0),
        (_, Kind::Span) => bound(left.size * 10_f64.powf(right.scale.max(3.0)), 0.0),
        _ => bound(left.size * 8.0, 0.0),
    }
}

fn of_value(value: &Value) -> Bound {
    match value {
        Value::Int(value) | Value::Duration(value) => bound(value.unsigned_abs().to_f64().unwrap(), 0.0),
        Value::Double(value) => bound(value.abs(), 3.0),
        Value::Decimal(value) => {
            bound(value.abs().to_f64().unwrap(), value.fractional_digit_count().to_f64().unwrap().max(0.0))
        }
        _ => bound(0.0, 0.0),
    }
}

fn is_zero(value: &Value) -> bool {
    of_value(value).size == 0.0 && !value.is_null()
}

fn three(kind: Kind) -> Value {
    match kind {
        Kind::Decimal => Value::Decimal(BigDecimal::from(3)),
        Kind::Double => Value::Double(3.0),
        _ => Value::Int(3),
    }
}

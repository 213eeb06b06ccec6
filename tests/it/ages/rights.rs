//! What callers may see: as the server is told, and as the answers are judged.

use std::collections::HashMap;

use penstock::edm::{Scalar, Value};
use penstock::model::{Model, PropertyId, SetId};
use penstock::query::{Comparison, Expr, Grants};

use super::history::{Row, Set};

/// The rights of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rights {
    Everything,
    /// Orders of region 1.
    FirstRegion,
    /// Orders of regions 1 and 2, accounts of region 1.
    TwoRegions,
    /// Nothing but orders.
    OrdersOnly,
}

pub(crate) const RIGHTS: [Rights; 4] =
    [Rights::Everything, Rights::FirstRegion, Rights::TwoRegions, Rights::OrdersOnly];

impl Rights {
    /// The regions that may be seen of a set: `None` for all, an empty list for a set that is not to be seen.
    fn regions(self, set: Set) -> Option<&'static [i64]> {
        match (self, set) {
            (Rights::FirstRegion, Set::Orders) | (Rights::TwoRegions, Set::Accounts) => Some(&[1]),
            (Rights::TwoRegions, Set::Orders) => Some(&[1, 2]),
            (Rights::OrdersOnly, Set::Accounts | Set::Notes) => Some(&[]),
            _ => None,
        }
    }

    /// Whether the set is to be seen at all.
    pub(crate) fn open(self, set: Set) -> bool {
        self.regions(set).is_none_or(|regions| !regions.is_empty())
    }

    pub(crate) fn shows(self, set: Set, row: &Row) -> bool {
        self.regions(set).is_none_or(|regions| regions.contains(&row.region))
    }

    /// Whether another caller sees the same of a set.
    pub(crate) fn agrees(self, other: Rights, set: Set) -> bool {
        self.regions(set) == other.regions(set)
    }

    /// The rights as the server is told.
    pub(crate) fn grants(self, model: &Model) -> Grants {
        if self == Rights::Everything {
            return Grants::everything();
        }
        let mut sets: HashMap<SetId, Option<Expr>> = HashMap::new();
        for set in super::history::SETS.into_iter().filter(|set| self.open(*set)) {
            let (id, _) = model.set_named(set.name()).expect("the set is published");
            let (region, _) = model.type_of(id).expect("a type").property_named("Region").expect("a property");
            sets.insert(id, self.regions(set).map(|regions| row_filter(region, regions)));
        }
        Grants::only(sets)
    }
}

fn row_filter(region: PropertyId, regions: &[i64]) -> Expr {
    let one = |value: &i64| {
        let literal = Expr::Literal(Value::Int(*value), Scalar::Int32);
        Expr::Compare(Comparison::Eq, Box::new(Expr::Property(region)), Box::new(literal))
    };
    match regions {
        [region] => one(region),
        regions => Expr::Or(regions.iter().map(one).collect()),
    }
}

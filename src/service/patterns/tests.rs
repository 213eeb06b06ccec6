//! Of every type and every comparison, in every dialect: a statement filled in is the statement made the whole way. No
//! database is connected.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;
use crate::bind;
use crate::cache::{Clock, Generations};
use crate::model::raw::{File, Folder};
use crate::model::{self, Model};
use crate::query::Grants;
use crate::service::read::Asking;
use crate::service::{Budget, Callouts, Extent, Kept, KeptOptions, Later, Options, Request, Sealer, set_names};
use crate::store::{Access, Database, Databases, SourceSettings};
use crate::syntax;

const SERVICE: &str = "version = 1\nnamespace = \"Test\"\nsource = \"here\"\n";
const TYPES: &str = "version = 1\n[[enum]]\nname = \"Ranks\"\nflags = true\n[[enum.member]]\nname = \"Low\"\nvalue = \
                     1\n[[enum.member]]\nname = \"High\"\nvalue = 2\n";

/// Names and types of the properties beside the key, with what else is said of them.
const PROPERTIES: [(&str, &str, &str); 20] = [
    ("Text", "String", "max_length = 10"),
    ("Must", "String", "nullable = false"),
    ("Word", "String", "values = { O = \"Open\", C = \"Closed\" }"),
    ("Tiny", "SByte", ""),
    ("Small", "Int16", ""),
    ("Whole", "Int32", ""),
    ("Large", "Int64", ""),
    ("Money", "Decimal", "precision = 10\nscale = 2"),
    ("Near", "Single", ""),
    ("Far", "Double", ""),
    ("Flag", "Boolean", ""),
    ("Day", "Date", ""),
    ("Shown", "Date", "offer = { date_time = \"12:00\" }"),
    ("Spelled", "Date", "offer = \"string\""),
    ("At", "DateTimeOffset", "precision = 3"),
    ("Ident", "Guid", ""),
    ("Held", "Guid", "stored = \"bytes\""),
    ("Long", "String", "cut = 20"),
    ("Rank", "", "enum = \"Ranks\""),
    ("Made", "String", "expression = \"upper({text})\""),
];

fn model() -> Arc<Model> {
    let mut text = "version = 1\nset = \"Ts\"\ntype = \"T\"\ntable = \"ts\"\nkey = [\"Id\"]\n[[property]]\nname = \
                    \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n"
        .to_owned();
    for (name, of, more) in PROPERTIES {
        let column = if more.contains("expression =") {
            String::new()
        } else {
            format!("column = \"{}\"\n", name.to_lowercase())
        };
        let of = if of.is_empty() { String::new() } else { format!("type = \"{of}\"\n") };
        write!(text, "[[property]]\nname = \"{name}\"\n{column}{of}{more}\n").unwrap();
    }
    let named = "version = 1\nset = \"Ns\"\ntype = \"N\"\ntable = \"ns\"\nkey = [\"Name\"]\n[[property]]\nname = \
                 \"Name\"\ncolumn = \"name\"\ntype = \"String\"\nnullable = false\n";
    let file = |name: &str, text: &str| File { name: name.to_owned(), text: text.to_owned() };
    let folder = Folder {
        name: "metadata".to_owned(),
        service: file("service.toml", SERVICE),
        entities: vec![file("types.toml", TYPES), file("t.toml", &text), file("n.toml", named)],
        unread: Vec::new(),
    };
    let source = model::Source { name: "here".to_owned(), announces: false, family: None };
    Arc::new(model::resolve("test", &[folder], &[source]).unwrap_or_else(|problems| panic!("{problems:#?}")))
}

fn service(url: &str, decimals_as_text: bool) -> Service {
    // Nothing is kept of the one, so that both ways are gone.
    let bytes_max = if decimals_as_text { 0 } else { 1 << 20 };
    let model = model();
    let settings = SourceSettings {
        queue_max: 1,
        name: "here".to_owned(),
        url: url.to_owned(),
        pool_max: 1,
        acquire_timeout: Duration::from_secs(1),
        statement_timeout: Duration::from_secs(1),
        zone: crate::edm::Zone::UTC,
        decimals_as_text,
        access: Access::default(),
    };
    let kept =
        KeptOptions { bytes_max, entry_share_percent: 10, obeys_no_cache: true, clock: Clock::default(), redis: None };
    let options = Options {
        origin: String::new(),
        request_timeout: Duration::from_secs(1),
        grants: Grants::everything(),
        root: "http://test/".to_owned(),
        page_bytes_max: 1_000,
        syntax: syntax::Limits::default(),
        bind: bind::Limits::default(),
        sealer: Arc::new(Sealer::new(b"a key of enough bytes").unwrap()),
        budget: Budget::new(1_000),
        kept: Kept::new(&kept, Arc::new(Generations::new(set_names(&model), 1, false))),
        extent: Extent::default(),
        later: Later::default(),
        callouts: Callouts::default(),
    };
    Service::new(model, Arc::new(Databases(vec![Arc::new(Database::open(&settings).unwrap())])), options)
}

fn services() -> Vec<(&'static str, Service)> {
    let urls = ["sqlite:none.db", "postgres://a@b/c", "mysql://a@b/c", "mariadb://a@b/c"];
    let mut all: Vec<_> = urls.into_iter().map(|url| (url, service(url, false))).collect();
    all.push(("sqlite with texts", service("sqlite:none.db", true)));
    all
}

/// Whether the statement of a target comes from its pattern. If so, it is compared with the one made the whole way.
fn is_filled(service: &Service, target: &str, rows: Option<u32>) -> bool {
    let Some(pattern) = Pattern::of(target) else { return false };
    let Some(known) = service.known(&pattern, target, rows) else { return false };
    let visit = service.visit(Asking { caller: 0, anew: false });
    let format = Format::default();
    let Some((ready, valued)) = service.valued(&known, &pattern, target, format, &visit) else { return false };
    service.compare(&valued, ready, (target, rows), &visit);
    assert_eq!(valued.keeping.is_some(), service.kept.is_on, "{target}");
    true
}

/// The same for the third request of a pattern, of which two have come.
fn is_known(service: &Service, target: &str) -> bool {
    service.patterns.allowance.store(LEARNED_AT_ONCE * LEARNING, Ordering::Relaxed);
    is_filled(service, target, None);
    is_filled(service, target, None);
    is_filled(service, target, None)
}

#[test]
fn plain_requests_are_known() {
    for (name, service) in services() {
        for target in [
            "Ts",
            "Ts(5)",
            "Ts(5)?$select=Id,Day",
            "Ns('A-1')",
            "Ts?$filter=Whole eq 5&$top=20&$orderby=Day desc",
            "Ts?$filter=Must%20ne%20%27x%27%20and%20Whole%20gt%203",
            "Ts?$filter=Text eq 'a' or Text eq 'b' or Text eq 'a'",
            "Ts?$filter=Large le -7 and Small lt 12",
            "Ts?$filter=Day ge 2024-05-01",
            "Ts?$count=true&$filter=Whole eq 5",
            "Ts?$count=true&$top=20",
            "Ts?$count=true&$top=0&$filter=Whole eq 5",
            "Ts?$filter=year(Day) eq 2024 and length(Text) gt 2",
            "Ts?$filter=contains(Text,'x') and Whole eq 2",
            "Ts?$select=Id&$compute=Whole add 1 as More&$filter=More gt 7",
        ] {
            assert!(is_known(&service, target), "{target} for {name}");
        }
    }
    let (_, postgres) = services().swap_remove(1);
    for target in [
        "Ts?$filter=Money ge 12.5 and Money lt 100",
        "Ts?$filter=At ge 2024-05-01T10:00:00Z and At lt 2024-05-01T10:00:00.25Z",
        "Ts?$filter=Ident eq f6a1b2c3-0000-4000-8000-00000000000a",
        "Ts?$filter=Far lt 2.5",
    ] {
        assert!(is_known(&postgres, target), "{target}");
    }
}

#[test]
fn what_hangs_on_a_value_goes_the_whole_way() {
    for (name, service) in services() {
        for target in [
            // The context tells the key.
            "Ts(5)/Text",
            "Ts(5)/$ref",
            "Ts/$count?$filter=Whole eq 5",
            "Ts?$filter=Word eq 'Open'",
            "Ts?$filter=Spelled eq '2024-05-01'",
            "Ts?$filter=Shown ge 2024-05-01T12:00:00Z",
            "Ts?$filter=Whole eq 1.5",
            "Ts?$filter=Tiny eq 300",
            "Ts?$filter=Near eq 5",
            "Ts?$filter=Flag eq 5",
            "Ts?$filter=5 eq 5",
            "Ts?$filter=Unknown eq 5",
            "Ts?$filter=At lt now() and Whole eq 5",
            "Ts?$apply=aggregate($count as N)",
            "$crossjoin(Ts,Ns)",
            "$all",
        ] {
            assert!(!is_known(&service, target), "{target} for {name}");
        }
    }
}

#[test]
fn what_a_database_may_want_in_another_spelling_goes_the_whole_way() {
    for (name, service) in services() {
        let is_mysql = name.starts_with("mysql") || name.starts_with("mariadb");
        for fixed in ["Text eq 'Müller' or Whole eq 5", "Text in ('日本','x') and Whole eq 5"] {
            let target = format!("Ts?$filter={fixed}");
            assert_eq!(is_known(&service, &target), !is_mysql, "{target} for {name}");
        }
    }
}

#[tokio::test]
async fn words_that_come_once_are_not_remembered() {
    let (_, service) = services().swap_remove(0);
    let ask = async |target: &str| {
        let request = Request { target: target.to_owned(), ..Request::default() };
        service.answer_now(request, 0).await;
        service.remembered(target, None).is_some()
    };
    assert!(is_known(&service, "Ts?$filter=Whole eq 5"));
    for number in 1..10 {
        // Whether their values fit or not.
        for target in [format!("Ts?$filter=Whole eq 10{number}"), format!("Ts?$filter=Whole eq 500000000{number}")] {
            assert_eq!((ask(&target).await, ask(&target).await), (false, true), "{target}");
        }
    }
}

#[tokio::test]
async fn one_refusal_comes_before_the_other_either_way() {
    let (_, service) = services().swap_remove(0);
    let status = async |day: u8| {
        let target = format!("Ts?$filter=Day eq 2024-02-{day}");
        let accept = Some("application/xml".to_owned());
        service.answer_now(Request { target, accept, ..Request::default() }, 0).await.status
    };
    let before = status(31).await;
    assert!(is_known(&service, "Ts?$filter=Day eq 2024-05-01"));
    assert_eq!((before, status(30).await, status(28).await), (400, 400, 406));
}

#[test]
fn a_value_that_does_not_fit_goes_the_whole_way() {
    for (name, service) in services() {
        for (usual, unlike) in [
            ("Ts?$filter=Whole eq 5", "Ts?$filter=Whole eq 5000000000"),
            ("Ts?$filter=Small eq 5", "Ts?$filter=Small eq -40000"),
            ("Ts?$filter=Day eq 2024-05-01", "Ts?$filter=Day eq 2024-02-31"),
            // One value in two forms is one member of a list, and one that stands in the text is one, too.
            ("Ts?$filter=Text eq '1' or Text eq 2", "Ts?$filter=Text eq '1' or Text eq 1"),
            ("Ts?$filter=Whole in (1,2) or Whole eq 3", "Ts?$filter=Whole in (1,2) or Whole eq 2"),
            (
                "Ts?$filter=At eq 2024-05-01 or At eq 2024-05-02T00:00:00Z",
                "Ts?$filter=At eq 2024-05-01 or At eq 2024-05-01T00:00:00Z",
            ),
            ("Ts(5)", "Ts(5000000000)"),
        ] {
            assert!(is_known(&service, usual), "{usual} for {name}");
            assert!(!is_filled(&service, unlike, None), "{unlike} for {name}");
        }
    }
}

#[test]
fn rows_of_a_page_and_forms_of_an_answer_are_known_apart() {
    let (_, service) = services().swap_remove(0);
    let target = "Ts?$filter=Whole eq 5";
    assert!(is_known(&service, target));
    assert!(!is_filled(&service, target, Some(7)));
    assert!(is_filled(&service, target, Some(7)));
    let pattern = Pattern::of(target).unwrap();
    let known = service.known(&pattern, target, None).unwrap();
    let visit = service.visit(Asking { caller: 0, anew: false });
    let forms = [(false, false), (false, true), (true, false), (true, true), (false, false)];
    let mut contexts = Vec::new();
    for (place, (ieee754, omit_nulls)) in forms.into_iter().enumerate() {
        let level = if place == 1 { crate::wire::Level::None } else { crate::wire::Level::Minimal };
        let format = Format { level, ieee754, omit_nulls, ..Format::default() };
        let (ready, _) = service.valued(&known, &pattern, target, format, &visit).unwrap();
        assert_eq!(ready.steps.format, format);
        contexts.push(ready.steps.context.is_some());
    }
    assert_eq!(contexts, [true, false, true, true, true]);
    // There is room for no fifth.
    let fifth = Format { bare: true, ..Format::default() };
    assert!(service.valued(&known, &pattern, target, fifth, &visit).is_none());
}

#[test]
fn learning_has_an_allowance_that_fills_up_slowly() {
    let patterns = Patterns::default();
    let learned = |names: std::ops::Range<u32>| {
        names.filter(|number| (0..2).any(|_| patterns.may_learn(&format!("a pattern {number}")))).count()
    };
    // Each comes twice; of a few, others were noted in between.
    let most = usize::try_from(LEARNED_AT_ONCE).unwrap();
    let at_first = learned(0..2 * LEARNED_AT_ONCE);
    assert!((most..most + most / 8).contains(&at_first), "{at_first}");
    let later = learned(1_000..1_320);
    assert!((15..=21).contains(&later), "{later} of 640 requests");
}

fn literals() -> impl Strategy<Value = String> {
    prop_oneof![
        (-200_i64..200).prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        (-2000_i32..2000, 1_u8..100).prop_map(|(whole, part)| format!("{whole}.{part:02}")),
        "'[A-Za-z0-9_. :@~-]{0,12}'",
        "'(Open|Closed|12|-3.5|true|2024-05-01)'",
        "[0-9]{4}-[01][0-9]-[0-3][0-9]",
        "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,7})?Z",
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}",
        prop::sample::select(&[
            "0000-01-01",
            "0001-01-01",
            "9999-12-31",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59.5Z"
        ])
        .prop_map(str::to_owned),
        "-?[1-9][0-9]{12}\\.[0-9]{14}[1-9]",
        Just("null".to_owned()),
        Just("true".to_owned()),
    ]
}

/// Each request comes with many values. In every dialect some of them, about a tenth, are answered by what is known.
#[test]
fn a_statement_filled_in_is_the_statement_made_the_whole_way() {
    let services = services();
    let condition =
        (0..PROPERTIES.len(), prop::sample::select(&["eq", "ne", "gt", "ge", "lt", "le"]), any::<[bool; 2]>());
    let conditions = prop::collection::vec(condition, 1..4);
    let values = prop::collection::vec(prop::collection::vec(literals(), 4), 12);
    let asked = std::cell::Cell::new(0_usize);
    let filled = RefCell::new(vec![0_usize; services.len()]);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(96));
    let result = runner.run(&(conditions, values), |(conditions, values)| {
        for values in values {
            let mut filter = String::new();
            for ((place, operator, [or, not]), value) in conditions.iter().zip(&values) {
                let joint = if filter.is_empty() {
                    ""
                } else if *or {
                    " or "
                } else {
                    " and "
                };
                let (before, after) = if *not { ("not (", ")") } else { ("", "") };
                write!(filter, "{joint}{before}{} {operator} {value}{after}", PROPERTIES[*place].0).unwrap();
            }
            let target = format!("Ts?$select=Id&$filter={filter}");
            asked.set(asked.get() + 1);
            for (count, (_, service)) in filled.borrow_mut().iter_mut().zip(&services) {
                *count += usize::from(is_known(service, &target));
            }
        }
        Ok(())
    });
    result.unwrap();
    for (count, (name, _)) in filled.borrow().iter().zip(&services) {
        assert!(*count > asked.get() / 40, "{count} of {} for {name}", asked.get());
    }
}

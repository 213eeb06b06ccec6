//! Owns the words of which names and texts are made. Refuses real companies and people.

use super::random::Random;

const FIRST: &[&str] = &[
    "Alpine",
    "Amber",
    "Baltic",
    "Bergmann",
    "Birch",
    "Blue Harbour",
    "Bright",
    "Cedar",
    "Cobalt",
    "Copper",
    "Coral",
    "Delta",
    "Donau",
    "Eagle",
    "Elbe",
    "Evergreen",
    "Falcon",
    "Fjord",
    "Garnet",
    "Granite",
    "Harbour",
    "Hazel",
    "Höller",
    "Indigo",
    "Iron",
    "Jasper",
    "Kestrel",
    "Lagoon",
    "Larch",
    "Lindqvist",
    "Maple",
    "Meridian",
    "Nordwind",
    "Oakfield",
    "Onyx",
    "Orchid",
    "Peregrine",
    "Pine",
    "Quartz",
    "Rhône",
    "Rowan",
    "Saffron",
    "Šimek",
    "Slate",
    "Sørensen",
    "Tamarind",
    "Thornbury",
    "Umbra",
    "Vega",
    "Willow",
    "Zephyr",
    "Żuraw",
];
const SECOND: &[&str] = &[
    "Bearings",
    "Brewing",
    "Catering",
    "Ceramics",
    "Components",
    "Controls",
    "Dairy",
    "Energy",
    "Fasteners",
    "Foods",
    "Freight",
    "Glass",
    "Hydraulics",
    "Instruments",
    "Joinery",
    "Logistics",
    "Machines",
    "Medical",
    "Mills",
    "Motors",
    "Optics",
    "Packaging",
    "Paper",
    "Pumps",
    "Robotics",
    "Seeds",
    "Systems",
    "Textiles",
    "Timber",
    "Tools",
    "Trading",
    "Valves",
];
const SUFFIX: &[&str] =
    &["GmbH", "AG", "Ltd", "Inc.", "LLC", "S.A.", "S.p.A.", "A/S", "AB", "Oy", "& Co. KG", "& Sons", "B.V.", "plc"];
const SENTENCES: &[&str] = &[
    "Deliver to the rear gate.",
    "Call before delivery.",
    "Made of stainless steel.",
    "Keep dry and cool.",
    "Packed in boxes of twelve.",
    "The seal is waterproof to three metres.",
    "Colour as in the last order.",
    "Weight includes the pallet.",
    "Fits all models since 2009.",
    "Not for use with food.",
    "Tested at 40 °C.",
    "Handle with care.",
    "Price agreed by telephone.",
    "Replaces the former article.",
    "Partial delivery is fine.",
    "Größe und Farbe wie besprochen.",
    "Livraison à l'entrée nº 3.",
    "Voir l'annexe.",
    "Entrega por la mañana.",
    "Tolerance is ±0.05 mm.",
    "Contains no lead.",
    "Ask for the duty manager.",
    "Invoice goes to the head office.",
    "Warranty of five years.",
];
/// City and country.
const PLACES: &[(&str, &str)] = &[
    ("Berlin", "Germany"),
    ("Köln", "Germany"),
    ("München", "Germany"),
    ("Münster", "Germany"),
    ("Hamburg", "Germany"),
    ("London", "UK"),
    ("Leeds", "UK"),
    ("Bristol", "UK"),
    ("Cowes", "UK"),
    ("Portland", "USA"),
    ("Eugene", "USA"),
    ("Boise", "USA"),
    ("Seattle", "USA"),
    ("Albuquerque", "USA"),
    ("San Francisco", "USA"),
    ("Winston-Salem", "USA"),
    ("O'Fallon", "USA"),
    ("Paris", "France"),
    ("Nîmes", "France"),
    ("L'Haÿ-les-Roses", "France"),
    ("Graz", "Austria"),
    ("Salzburg", "Austria"),
    ("Genève", "Switzerland"),
    ("Zürich", "Switzerland"),
    ("Århus", "Denmark"),
    ("København", "Denmark"),
    ("Luleå", "Sweden"),
    ("Bräcke", "Sweden"),
    ("Oulu", "Finland"),
    ("Cork", "Ireland"),
    ("México D.F.", "Mexico"),
    ("São Paulo", "Brazil"),
    ("Rio de Janeiro", "Brazil"),
    ("Łódź", "Poland"),
    ("Kraków", "Poland"),
    ("Madrid", "Spain"),
    ("A Coruña", "Spain"),
    ("Torino", "Italy"),
    ("Tōkyō", "Japan"),
    ("東京", "Japan"),
    ("Αθήνα", "Greece"),
];

/// A company's name.
pub(super) fn company(random: &mut Random) -> String {
    format!("{} {} {}", random.pick(FIRST), random.pick(SECOND), random.pick(SUFFIX))
}

/// A city and its country.
pub(super) fn place(random: &mut Random) -> (&'static str, &'static str) {
    random.pick(PLACES)
}

/// One to `sentences_max` sentences.
pub(super) fn prose(random: &mut Random, sentences_max: i64) -> String {
    let count = random.between(1, sentences_max);
    let mut prose = String::new();
    for _ in 0..count {
        if !prose.is_empty() {
            prose.push(' ');
        }
        prose.push_str(random.pick(SENTENCES));
    }
    prose
}

/// Sentences cut at exactly so many characters.
pub(super) fn prose_of_length(random: &mut Random, characters: usize) -> String {
    let mut prose = prose(random, 4);
    while prose.chars().count() < characters {
        prose.push(' ');
        prose.push_str(random.pick(SENTENCES));
    }
    prose.chars().take(characters).collect()
}

//! Owns [`EnumType`]: named whole numbers, and what their names mean.

use crate::edm::Scalar;

/// An enumeration.
#[derive(Clone, Debug)]
pub struct EnumType {
    /// Unqualified name, as in `$metadata`.
    pub name: String,
    /// The type of its values.
    pub underlying: Scalar,
    /// A value may be a sum of members.
    pub flags: bool,
    /// Its members, in declared order.
    pub members: Vec<EnumMember>,
    /// A sentence for people, if declared.
    pub description: Option<String>,
}

/// A member of an enumeration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumMember {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: i64,
}

impl EnumType {
    /// The value of a literal: one name, several names with commas between if the members are flags, or numbers in
    /// place of names. `None` if a name is unknown.
    pub fn value_of(&self, text: &str) -> Option<i64> {
        let mut parts = text.split(',').map(|part| self.value_of_one(part.trim()));
        let first = parts.next()??;
        parts.try_fold(first, |sum, part| if self.flags { Some(sum | part?) } else { None })
    }

    fn value_of_one(&self, text: &str) -> Option<i64> {
        let named = self.members.iter().find(|member| member.name == text).map(|member| member.value);
        let (least, most) = self.underlying.integer_range()?;
        named.or_else(|| text.parse().ok().filter(|value| (least..=most).contains(value)))
    }

    /// The name of a value, if a member has it.
    pub fn name_of(&self, value: i64) -> Option<&str> {
        self.members.iter().find(|member| member.value == value).map(|member| member.name.as_str())
    }

    /// Writes a value: a member's name, the names of flags with commas between (`A,B`), else the number.
    pub fn write(&self, value: i64, out: &mut Vec<u8>) {
        if let Some(name) = self.name_of(value) {
            out.extend_from_slice(name.as_bytes());
            return;
        }
        let part = |member: &&EnumMember| member.value != 0 && value & member.value == member.value;
        let parts = || self.members.iter().filter(part);
        if self.flags && parts().fold(0, |sum, member| sum | member.value) == value {
            for (place, member) in parts().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(member.name.as_bytes());
            }
        } else {
            crate::edm::write_int(value, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enumeration(flags: bool, members: &[(&str, i64)]) -> EnumType {
        let members = members.iter().map(|(name, value)| EnumMember { name: (*name).to_owned(), value: *value });
        EnumType {
            name: "E".to_owned(),
            underlying: Scalar::Int32,
            flags,
            members: members.collect(),
            description: None,
        }
    }

    fn text(it: &EnumType, value: i64) -> String {
        let mut out = Vec::new();
        it.write(value, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn single_members() {
        let it = enumeration(false, &[("Low", 1), ("High", 2)]);
        assert_eq!((it.value_of("High"), it.value_of("7"), it.value_of("-1")), (Some(2), Some(7), Some(-1)));
        assert_eq!((it.value_of("high"), it.value_of("Low,High"), it.value_of("")), (None, None, None));
        assert_eq!(it.value_of("3000000000"), None);
        assert_eq!([1, 2, 3, 0].map(|value| text(&it, value)), ["Low", "High", "3", "0"]);
    }

    #[test]
    fn flags() {
        let it = enumeration(true, &[("None", 0), ("Read", 1), ("Write", 2), ("All", 3), ("Admin", 8)]);
        assert_eq!(it.value_of("Read,Admin"), Some(9));
        assert_eq!(it.value_of(" Write , 8"), Some(10));
        assert_eq!((it.value_of("Read,Nothing"), it.value_of("Read,")), (None, None));
        assert_eq!(
            [0, 1, 3, 10, 16, 17].map(|value| text(&it, value)),
            ["None", "Read", "All", "Write,Admin", "16", "17"]
        );
        assert_eq!(text(&it, 11), "Read,Write,All,Admin");
    }
}

//! What somebody at the front desk types to find a booking: a reference, the last figures of a phone number, the beginning
//! of a name, a part of an organisation's. Pure.

use super::reference;

/// The fewest figures of a phone number.
const FEWEST_FIGURES: usize = 4;
/// The fewest characters of a name.
const FEWEST_CHARACTERS: usize = 2;

/// What can be looked for; several at once, where it may be one as well as another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needle {
    /// A whole reference, as it is stored.
    pub reference: Option<String>,
    /// Figures of a phone number from its end on, the last first.
    pub figures: Option<String>,
    /// The beginning of a person's name or a part of an organisation's, in small letters.
    pub name: Option<String>,
}

impl Needle {
    /// What was typed; `None` where it is too short to find anything by.
    pub fn of(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let needle = Self {
            reference: reference::parse(typed),
            figures: figures(typed),
            name: (typed.chars().count() >= FEWEST_CHARACTERS).then(|| typed.to_lowercase()),
        };
        (needle != Self::default()).then_some(needle)
    }
}

/// A number without the country where it is China's: who stored it may have left that out.
fn figures(typed: &str) -> Option<String> {
    let usual = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-()./".contains(c);
    let figures: String = typed.chars().filter(char::is_ascii_digit).collect();
    if !typed.chars().all(usual) || figures.len() < FEWEST_FIGURES {
        return None;
    }
    let national = match figures.strip_prefix("00").unwrap_or(&figures) {
        number if number.len() > 11 => number.strip_prefix("86").unwrap_or(number),
        number => number,
    };
    Some(national.chars().rev().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_looked_for_from_its_end_without_its_country() {
        let figures = |typed: &str| Needle::of(typed).and_then(|needle| needle.figures);
        assert_eq!(figures("8000").as_deref(), Some("0008"));
        for typed in ["+86 138 0013 8000", "0086-13800138000", "13800138000"] {
            assert_eq!(figures(typed).as_deref(), Some("00083100831"), "{typed}");
        }
        assert_eq!(figures("(021) 5555.0100").as_deref(), Some("00105555120"));
        for typed in ["800", "room 8000", "王芳"] {
            assert_eq!(figures(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_reference_however_it_was_typed_is_one() {
        let fresh = reference::fresh();
        let typed = format!(" {} ", fresh.to_lowercase().replace('-', " "));
        assert_eq!(Needle::of(&typed).unwrap().reference, Some(fresh));
    }

    #[test]
    fn names_have_two_characters_at_least() {
        assert_eq!(Needle::of("王"), None);
        assert_eq!(Needle::of("   "), None);
        assert_eq!(Needle::of("王芳").unwrap().name.as_deref(), Some("王芳"));
        assert_eq!(
            Needle::of("Li Lei").unwrap().name.as_deref(),
            Some("li lei")
        );
    }
}

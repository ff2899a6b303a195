//! Unified social credit codes (统一社会信用代码), GB 32100-2015: eighteen signs, the last a check character.
//!
//! One sign for the registering authority, one for the kind, six for the administrative division, nine for the subject's
//! own code (GB 11714), one check character. The signs are the digits and the capital letters without I, O, S, V and Z;
//! their values are their places in that row. The check character's value makes the sum over all signs of value × weight
//! divisible by 31, the weight of the i-th sign being 3^(i−1) mod 31, and 1 for the check character itself.

use std::fmt;

/// The signs in the order of their values, 0 to 30.
const SIGNS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// How many signs a code has.
pub const LENGTH: usize = 18;

/// A code that is right by the standard. Whether it was ever given to anybody, it does not say.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CreditCode(String);

/// What is wrong with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditCodeError {
    /// It does not have eighteen signs, but so many.
    Length(usize),
    /// A sign that no code has, at this place (1 to 18).
    Alphabet { sign: char, place: usize },
    /// The check character does not fit the rest: at least one sign was mistyped.
    CheckCharacter,
}

impl CreditCode {
    /// Reads a code as people type it: small letters, full-width signs and blanks are taken.
    pub fn parse(typed: &str) -> Result<Self, CreditCodeError> {
        let code: String = typed
            .chars()
            .map(half_width)
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let length = code.chars().count();
        if length != LENGTH {
            return Err(CreditCodeError::Length(length));
        }
        let mut sum = 0;
        let mut weight = 1;
        for (index, sign) in code.chars().enumerate() {
            let value = SIGNS.find(sign).ok_or(CreditCodeError::Alphabet {
                sign,
                place: index + 1,
            })?;
            // the check character has the weight 1
            sum += value * if index + 1 == LENGTH { 1 } else { weight };
            weight = weight * 3 % 31;
        }
        match sum % 31 {
            0 => Ok(Self(code)),
            _ => Err(CreditCodeError::CheckCharacter),
        }
    }

    /// As text, in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a Chinese keyboard types wide, as the code has it.
fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check character by the standard's own formula: C18 = 31 − (Σ Ci × Wi mod 31), with 31 written as 0.
    fn check_character(first: &str) -> char {
        const WEIGHTS: [usize; 17] = [
            1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
        ];
        let value = |sign| SIGNS.find(sign).unwrap();
        let sum: usize = first
            .chars()
            .zip(WEIGHTS)
            .map(|(sign, weight)| value(sign) * weight)
            .sum();
        SIGNS.chars().nth((31 - sum % 31) % 31).unwrap()
    }

    #[test]
    fn codes_that_are_published_are_taken() {
        // ministries and companies, as their own pages show them
        for code in [
            "91350100M000100Y43", // the standard's example
            "91110108551385082Q",
            "91440300708461136T",
            "91310115MA1DEM0X7B",
        ] {
            assert_eq!(
                CreditCode::parse(code).as_ref().map(CreditCode::as_str),
                Ok(code)
            );
        }
        let typed = CreditCode::parse(" ９1350100 m000100y43 ").unwrap();
        assert_eq!(typed.as_str(), "91350100M000100Y43");
    }

    #[test]
    fn what_is_wrong_is_told_exactly() {
        use CreditCodeError::{Alphabet, CheckCharacter, Length};
        for (code, error) in [
            ("", Length(0)),
            ("91350100M000100Y4", Length(17)),
            ("91350100M000100Y433", Length(19)),
            (
                "91350100M000100Y4I",
                Alphabet {
                    sign: 'I',
                    place: 18,
                },
            ),
            (
                "O1350100M000100Y43",
                Alphabet {
                    sign: 'O',
                    place: 1,
                },
            ),
            (
                "91350100-000100Y43",
                Alphabet {
                    sign: '-',
                    place: 9,
                },
            ),
            (
                "91350100沪000100Y43",
                Alphabet {
                    sign: '沪',
                    place: 9,
                },
            ),
            ("91350100M000100Y44", CheckCharacter),
            ("91350100M000100Y34", CheckCharacter),
        ] {
            assert_eq!(CreditCode::parse(code), Err(error), "{code}");
        }
    }

    #[test]
    fn one_mistyped_sign_is_always_noticed() {
        let code = "91350100M000100Y43";
        for place in 0..LENGTH {
            for sign in SIGNS.chars() {
                let mut signs: Vec<char> = code.chars().collect();
                let right = signs[place] == sign;
                signs[place] = sign;
                let typed: String = signs.into_iter().collect();
                assert_eq!(CreditCode::parse(&typed).is_ok(), right, "{typed}");
            }
        }
    }

    #[test]
    fn the_formula_and_the_parser_agree() {
        for first in [
            "91310115MA1DEM0X7",
            "51100000500009088",
            "11100000000013127",
            "YYYYYYYYYYYYYYYYY",
            "00000000000000000",
        ] {
            let code = format!("{first}{}", check_character(first));
            assert!(CreditCode::parse(&code).is_ok(), "{code}");
        }
    }
}

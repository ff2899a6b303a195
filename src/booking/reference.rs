//! Short references that people can read over the phone: eight characters of an alphabet without look-alikes, the last
//! a check character. Every single wrong character and every swap of two neighbours is noticed.

use rand::RngExt;

/// No 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V: 23 letters and figures, a prime number, so the check below is strict.
const ALPHABET: &[u8; 23] = b"34679ACDEFGHJKMNPQRTWXY";
const LENGTH: usize = 8;

/// A fresh reference, `KM7D-4RWX`: 3.4 thousand million of them, and the table refuses a repeat.
pub fn fresh() -> String {
    let mut rng = rand::rng();
    let mut values: Vec<usize> = (0..LENGTH - 1)
        .map(|_| rng.random_range(0..ALPHABET.len()))
        .collect();
    values.push(check(&values));
    write(&values)
}

/// The reference as it is stored, however it was typed (small letters, blanks, dashes); `None` where the check
/// character says that it was misheard.
pub fn parse(typed: &str) -> Option<String> {
    let values: Vec<usize> = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| {
            ALPHABET
                .iter()
                .position(|letter| char::from(*letter) == c.to_ascii_uppercase())
        })
        .collect::<Option<_>>()?;
    let (last, rest) = values.split_last()?;
    (values.len() == LENGTH && *last == check(rest)).then(|| write(&values))
}

/// ISO 7064's idea with a prime modulus: weights that differ by one from place to place.
fn check(values: &[usize]) -> usize {
    let sum: usize = values
        .iter()
        .enumerate()
        .map(|(place, value)| (place + 2) * value)
        .sum();
    sum % ALPHABET.len()
}

fn write(values: &[usize]) -> String {
    let mut text: String = values
        .iter()
        .filter_map(|value| ALPHABET.get(*value))
        .map(|byte| char::from(*byte))
        .collect();
    text.insert(LENGTH / 2, '-');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_makes() {
        for _ in 0..200 {
            let reference = fresh();
            assert_eq!(parse(&reference), Some(reference.clone()));
            assert_eq!(
                parse(&format!(" {} ", reference.replace('-', " ").to_lowercase())),
                Some(reference)
            );
        }
    }

    #[test]
    fn notices_one_wrong_character_and_a_swap_of_neighbours() {
        let reference: Vec<char> = fresh().replace('-', "").chars().collect();
        for place in 0..LENGTH {
            for letter in ALPHABET
                .iter()
                .map(|byte| char::from(*byte))
                .filter(|c| *c != reference[place])
            {
                let mut wrong = reference.clone();
                wrong[place] = letter;
                assert_eq!(parse(&wrong.iter().collect::<String>()), None);
            }
            if place + 1 < LENGTH && reference[place] != reference[place + 1] {
                let mut swapped = reference.clone();
                swapped.swap(place, place + 1);
                assert_eq!(parse(&swapped.iter().collect::<String>()), None);
            }
        }
    }
}

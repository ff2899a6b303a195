//! Random numbers that are the same everywhere: a plan must not depend on the machine or on a library's version.

/// Marsaglia's xorshift on 64 bits.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Default for Dice {
    fn default() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }
}

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `count`, which is not 0.
    pub fn below(&mut self, count: usize) -> usize {
        let high = self.next() >> 32;
        ((high * count as u64) >> 32) as usize
    }

    /// How often a coin falls on its face before it does not, in 256ths: −log₂ of a number evenly drawn from (0, 1],
    /// straight between powers of two. What a search that cools down needs, without floating point.
    pub fn patience(&mut self) -> u64 {
        let drawn = self.next() | 1;
        let zeros = drawn.leading_zeros();
        let rest = (drawn << zeros) >> 55 & 0xff;
        u64::from(zeros) * 256 + (255 - rest)
    }
}

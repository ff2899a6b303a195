//! A knot as rows of bits, and what can be said about it without a search: rules that keep the size of the smallest
//! answer (Levy and Low; Lin and Jou).

use super::Waits;
use super::components::components;

/// The moves of a knot and who waits for whom. Vertices are numbered from 0; `names` are the moves.
#[derive(Debug, Clone)]
pub struct Knot {
    names: Vec<usize>,
    /// Words of a row.
    words: usize,
    after: Vec<u64>,
    before: Vec<u64>,
    alive: Vec<u64>,
}

impl Knot {
    /// The part of the moves that lies within `names`.
    pub fn new(waits: &Waits, names: &[usize]) -> Self {
        let mut knot = Self::unlinked(names.to_vec());
        for (from, &name) in names.iter().enumerate() {
            for to in &waits.after[name] {
                if let Ok(to) = names.binary_search(to) {
                    knot.link(from, to);
                }
            }
        }
        knot
    }

    fn unlinked(names: Vec<usize>) -> Self {
        let (count, words) = (names.len(), names.len().div_ceil(64));
        let mut alive = vec![0; words];
        for vertex in 0..count {
            set(&mut alive, vertex);
        }
        Self {
            names,
            words,
            after: vec![0; count * words],
            before: vec![0; count * words],
            alive,
        }
    }

    fn link(&mut self, from: usize, to: usize) {
        set(row_mut(&mut self.after, self.words, from), to);
        set(row_mut(&mut self.before, self.words, to), from);
    }

    fn unlink(&mut self, from: usize, to: usize) {
        clear(row_mut(&mut self.after, self.words, from), to);
        clear(row_mut(&mut self.before, self.words, to), from);
    }

    pub fn name(&self, vertex: usize) -> usize {
        self.names[vertex]
    }

    /// How many vertices there are, those that are gone included.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn is_untied(&self) -> bool {
        self.alive.iter().all(|&word| word == 0)
    }

    /// The vertices that are left.
    pub fn vertices(&self) -> Vec<usize> {
        ones(&self.alive).collect()
    }

    pub fn after(&self, vertex: usize) -> &[u64] {
        row(&self.after, self.words, vertex)
    }

    pub fn before(&self, vertex: usize) -> &[u64] {
        row(&self.before, self.words, vertex)
    }

    /// Those that wait for the vertex and that it waits for: circles of two.
    pub fn mutual(&self, vertex: usize) -> Vec<u64> {
        let pairs = self.after(vertex).iter().zip(self.before(vertex));
        pairs.map(|(out, into)| out & into).collect()
    }

    /// Those that wait for the vertex and that it does not wait for.
    fn one_way_after(&self, vertex: usize) -> Vec<u64> {
        let pairs = self.after(vertex).iter().zip(self.before(vertex));
        pairs.map(|(out, into)| out & !into).collect()
    }

    fn one_way_before(&self, vertex: usize) -> Vec<u64> {
        let pairs = self.after(vertex).iter().zip(self.before(vertex));
        pairs.map(|(out, into)| into & !out).collect()
    }

    pub fn has_loop(&self, vertex: usize) -> bool {
        has(self.after(vertex), vertex)
    }

    /// Takes the vertex out, with its links.
    pub fn remove(&mut self, vertex: usize) {
        let (before, after) = (self.before(vertex).to_vec(), self.after(vertex).to_vec());
        for before in ones(&before) {
            clear(row_mut(&mut self.after, self.words, before), vertex);
        }
        for after in ones(&after) {
            clear(row_mut(&mut self.before, self.words, after), vertex);
        }
        row_mut(&mut self.after, self.words, vertex).fill(0);
        row_mut(&mut self.before, self.words, vertex).fill(0);
        clear(&mut self.alive, vertex);
    }

    /// Decides that the vertex does not go by way of the store: who waits for it waits for those that it waits for.
    /// It must not wait for itself.
    pub fn pass_over(&mut self, vertex: usize) {
        let (into, out) = (self.before(vertex).to_vec(), self.after(vertex).to_vec());
        for before in ones(&into) {
            unite(row_mut(&mut self.after, self.words, before), &out);
        }
        for after in ones(&out) {
            unite(row_mut(&mut self.before, self.words, after), &into);
        }
        self.remove(vertex);
    }

    /// Applies the rules until none applies; answers the moves that had to be taken.
    pub fn reduce(&mut self) -> Vec<usize> {
        let mut taken = Vec::new();
        while self.reduce_vertices(&mut taken) || self.cut_idle_links() {}
        taken
    }

    fn take(&mut self, vertex: usize, taken: &mut Vec<usize>) {
        taken.push(self.names[vertex]);
        self.remove(vertex);
    }

    fn reduce_vertices(&mut self, taken: &mut Vec<usize>) -> bool {
        let mut changed = false;
        for vertex in self.vertices() {
            if !has(&self.alive, vertex) {
                continue;
            }
            let (into, out) = (count(self.before(vertex)), count(self.after(vertex)));
            if self.has_loop(vertex) {
                self.take(vertex, taken);
            } else if into == 0 || out == 0 {
                self.remove(vertex);
            } else if into == 1 || out == 1 {
                self.pass_over(vertex);
            } else if self.is_core(vertex) {
                let neighbours = self.after(vertex).to_vec();
                for neighbour in ones(&neighbours) {
                    self.take(neighbour, taken);
                }
                self.remove(vertex);
            } else {
                continue;
            }
            changed = true;
        }
        changed
    }

    /// Whether the vertex lies in circles of two only, and those with whom it does all do so with one another: all but
    /// one of them must be taken, and it may be the one.
    fn is_core(&self, vertex: usize) -> bool {
        let neighbours = self.after(vertex);
        neighbours == self.before(vertex)
            && ones(neighbours).all(|neighbour| {
                let mut close = self.mutual(neighbour);
                set(&mut close, neighbour);
                within(neighbours, &close)
            })
    }

    /// Cuts links that no circle needs which is not met anyway: a circle that contains both of a circle of two is met
    /// where that is, and one that has a shorter way between the same vertices is met where the shorter one is.
    fn cut_idle_links(&mut self) -> bool {
        let mut component = vec![0; self.len()];
        let one_way: Vec<Vec<u64>> = (0..self.len())
            .map(|vertex| self.one_way_after(vertex))
            .collect();
        for (number, members) in components(self.len(), |vertex| ones(&one_way[vertex]))
            .iter()
            .enumerate()
        {
            for &member in members {
                component[member] = number;
            }
        }
        let mut changed = false;
        for from in self.vertices() {
            for to in ones(&one_way[from]) {
                let idle = component[from] != component[to]
                    || within(&self.one_way_before(from), self.before(to))
                    || within(&self.one_way_after(to), self.after(from));
                if idle {
                    self.unlink(from, to);
                    changed = true;
                }
            }
        }
        changed
    }

    /// The knots that the rest falls into, each on its own.
    pub fn split(&self) -> Vec<Self> {
        let mut members = components(self.len(), |vertex| ones(self.after(vertex)));
        members.retain(|members| members.len() > 1);
        members.iter().map(|members| self.part(members)).collect()
    }

    fn part(&self, members: &[usize]) -> Self {
        let mut part = Self::unlinked(members.iter().map(|&vertex| self.names[vertex]).collect());
        for (from, &vertex) in members.iter().enumerate() {
            for to in ones(self.after(vertex)) {
                if let Ok(to) = members.binary_search(&to) {
                    part.link(from, to);
                }
            }
        }
        part
    }
}

fn row(rows: &[u64], words: usize, vertex: usize) -> &[u64] {
    &rows[vertex * words..(vertex + 1) * words]
}

fn row_mut(rows: &mut [u64], words: usize, vertex: usize) -> &mut [u64] {
    &mut rows[vertex * words..(vertex + 1) * words]
}

pub fn set(bits: &mut [u64], at: usize) {
    bits[at / 64] |= 1 << (at % 64);
}

fn clear(bits: &mut [u64], at: usize) {
    bits[at / 64] &= !(1 << (at % 64));
}

pub fn has(bits: &[u64], at: usize) -> bool {
    bits[at / 64] >> (at % 64) & 1 == 1
}

pub fn count(bits: &[u64]) -> u32 {
    bits.iter().map(|word| word.count_ones()).sum()
}

fn unite(bits: &mut [u64], with: &[u64]) {
    for (word, with) in bits.iter_mut().zip(with) {
        *word |= with;
    }
}

fn within(bits: &[u64], of: &[u64]) -> bool {
    bits.iter().zip(of).all(|(bits, of)| bits & !of == 0)
}

/// The places of the bits that are set, ascending.
pub fn ones(bits: &[u64]) -> impl Iterator<Item = usize> + '_ {
    bits.iter().enumerate().flat_map(|(at, &word)| {
        let mut left = word;
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(at * 64 + bit)
        })
    })
}

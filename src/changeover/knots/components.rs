//! Strongly connected components, by Tarjan's walk without recursion: a chain of a hundred thousand moves is no deep
//! call stack.

const UNSEEN: usize = usize::MAX;

/// The components of a graph of `count` vertices, each ascending; a vertex on no circle is one of its own.
pub fn components<Next: Iterator<Item = usize>>(
    count: usize,
    next: impl Fn(usize) -> Next,
) -> Vec<Vec<usize>> {
    let mut walk = Walk {
        order: vec![UNSEEN; count],
        lowest: vec![UNSEEN; count],
        waiting: Vec::new(),
        is_waiting: vec![false; count],
        seen: 0,
        found: Vec::new(),
    };
    let mut calls: Vec<(usize, Next)> = Vec::new();
    for root in 0..count {
        if walk.order[root] != UNSEEN {
            continue;
        }
        walk.enter(root);
        calls.push((root, next(root)));
        while let Some((vertex, ahead)) = calls.last_mut() {
            let vertex = *vertex;
            match ahead.next() {
                Some(to) if walk.order[to] == UNSEEN => {
                    walk.enter(to);
                    calls.push((to, next(to)));
                }
                Some(to) if walk.is_waiting[to] => {
                    walk.lowest[vertex] = walk.lowest[vertex].min(walk.order[to]);
                }
                Some(_) => {}
                None => {
                    calls.pop();
                    if let Some((before, _)) = calls.last() {
                        walk.lowest[*before] = walk.lowest[*before].min(walk.lowest[vertex]);
                    }
                    walk.leave(vertex);
                }
            }
        }
    }
    walk.found
}

struct Walk {
    /// When a vertex was first seen.
    order: Vec<usize>,
    /// The earliest vertex still waiting that it leads back to.
    lowest: Vec<usize>,
    waiting: Vec<usize>,
    is_waiting: Vec<bool>,
    seen: usize,
    found: Vec<Vec<usize>>,
}

impl Walk {
    fn enter(&mut self, vertex: usize) {
        self.order[vertex] = self.seen;
        self.lowest[vertex] = self.seen;
        self.seen += 1;
        self.waiting.push(vertex);
        self.is_waiting[vertex] = true;
    }

    /// Closes the component of a vertex that leads back to nothing before it.
    fn leave(&mut self, vertex: usize) {
        if self.lowest[vertex] != self.order[vertex] {
            return;
        }
        let mut component = Vec::new();
        while let Some(member) = self.waiting.pop() {
            self.is_waiting[member] = false;
            component.push(member);
            if member == vertex {
                break;
            }
        }
        component.sort_unstable();
        self.found.push(component);
    }
}

//! Builds a hall with a layout from a picture.

use mofang::layout::{
    BlockType, Code, Floor, Layout, Placement, Purpose, Rect, Report, Rules, Side, Site, Zone,
    check,
};

/// The types that every hall here has.
pub const BIG: usize = 0;
pub const SMALL: usize = 1;
/// 3×1, two may lie on one; seats 3.
pub const PLANK: usize = 2;

#[derive(Debug, Clone)]
pub struct Hall {
    pub rows: Vec<String>,
    pub types: Vec<BlockType>,
    pub inventory: Vec<Option<u32>>,
    pub rules: Rules,
    pub layout: Layout,
}

/// A hall as drawn: the floor's letters, `B` for the least cell of a big block (its others drawn as `+`), `b` for a
/// small one.
pub fn hall(purpose: Purpose, rows: &[&str]) -> Hall {
    let plank = BlockType {
        id: "plank".to_owned(),
        w: 3,
        h: 1,
        max_z: 2,
        salon_seats: 3,
        ..BlockType::small()
    };
    let mut hall = Hall {
        rows: Vec::new(),
        types: vec![BlockType::big(), BlockType::small(), plank],
        inventory: Vec::new(),
        rules: Rules::default(),
        layout: Layout {
            purpose,
            placements: Vec::new(),
            zones: Vec::new(),
            gates: Vec::new(),
            seats_required: 0,
        },
    };
    for (y, row) in rows.iter().enumerate() {
        for (x, letter) in row.chars().enumerate() {
            let block = match letter {
                'B' => BIG,
                'b' => SMALL,
                _ => continue,
            };
            hall = hall.block(block, x as i32, y as i32, 0);
        }
        hall.rows.push(row.replace(['B', 'b', '+'], "."));
    }
    hall
}

/// A `width`×`height` floor with an exit of two cells in the middle of its west and one of its east side.
pub fn bare(purpose: Purpose, width: usize, height: usize) -> Hall {
    let mut rows = vec![".".repeat(width); height];
    for row in &mut rows[height / 2..height / 2 + 2] {
        *row = format!("E{}E", ".".repeat(width - 2));
    }
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    hall(purpose, &rows)
}

impl Hall {
    pub fn block(self, block: usize, x: i32, y: i32, z: i32) -> Self {
        self.placed(block, x, y, z, false)
    }

    pub fn placed(mut self, block: usize, x: i32, y: i32, z: i32, turned: bool) -> Self {
        let placement = Placement::new(&self.types, block, (x, y, z), turned);
        self.layout.placements.push(placement);
        self
    }

    /// `across`×`down` big blocks side by side.
    pub fn bigs(mut self, x: i32, y: i32, across: i32, down: i32) -> Self {
        for row in 0..down {
            for column in 0..across {
                self = self.block(BIG, x + 2 * column, y + 2 * row, 0);
            }
        }
        self
    }

    pub fn zone(mut self, x: i32, y: i32, w: i32, h: i32, facing: Side) -> Self {
        let rect = Rect { x, y, w, h };
        self.layout.zones.push(Zone { rect, facing });
        self
    }

    pub fn gate(mut self, x: i32, y: i32, w: i32, h: i32) -> Self {
        self.layout.gates.push(Rect { x, y, w, h });
        self
    }

    pub fn seats_required(mut self, seats: u32) -> Self {
        self.layout.seats_required = seats;
        self
    }

    pub fn stock(mut self, numbers: &[Option<u32>]) -> Self {
        self.inventory = numbers.to_vec();
        self
    }

    pub fn rules(mut self, change: impl FnOnce(&mut Rules)) -> Self {
        change(&mut self.rules);
        self
    }

    pub fn types(mut self, change: impl FnOnce(&mut Vec<BlockType>)) -> Self {
        change(&mut self.types);
        self
    }

    /// Puts a letter on the floor.
    pub fn letter(mut self, x: usize, y: usize, letter: char) -> Self {
        let mut row: Vec<char> = self.rows[y].chars().collect();
        row[x] = letter;
        self.rows[y] = row.into_iter().collect();
        self
    }

    pub fn width(&self) -> i32 {
        self.rows[0].len() as i32
    }

    pub fn height(&self) -> i32 {
        self.rows.len() as i32
    }

    pub fn check(&self) -> Report {
        let site = Site {
            floor: &Floor::parse(&self.rows).unwrap(),
            types: &self.types,
            inventory: &self.inventory,
            rules: self.rules.clone(),
        };
        check(&site, &self.layout)
    }

    pub fn codes(&self) -> Vec<Code> {
        self.check().codes()
    }

    /// The same hall, turned by 90° clockwise: what was north is east.
    pub fn turned(&self) -> Self {
        let (width, height) = (self.width(), self.height());
        let letter = |x: i32, y: i32| self.rows[y as usize].as_bytes()[x as usize] as char;
        let rows = (0..width).map(|x| (0..height).rev().map(|y| letter(x, y)).collect());
        let rows = rows.collect();
        self.moved(rows, true, |rect| Rect {
            x: height - rect.y - rect.h,
            y: rect.x,
            w: rect.h,
            h: rect.w,
        })
        .facing(|side| match side {
            Side::North => Side::East,
            Side::East => Side::South,
            Side::South => Side::West,
            Side::West => Side::North,
        })
    }

    /// The same hall in a mirror: what was west is east.
    pub fn mirrored(&self) -> Self {
        let rows = self.rows.iter().map(|row| row.chars().rev().collect());
        let (rows, width) = (rows.collect(), self.width());
        self.moved(rows, false, |rect| Rect {
            x: width - rect.x - rect.w,
            ..rect
        })
        .facing(|side| match side {
            Side::East => Side::West,
            Side::West => Side::East,
            other => other,
        })
    }

    fn moved(&self, rows: Vec<String>, turns: bool, rect: impl Fn(Rect) -> Rect) -> Self {
        let mut hall = Hall {
            rows,
            ..self.clone()
        };
        for placement in &mut hall.layout.placements {
            let to = rect(placement.rect(&self.types));
            let turned = placement.turned != turns;
            let at = (to.x, to.y, placement.z);
            *placement = Placement::new(&self.types, placement.block, at, turned);
        }
        for zone in &mut hall.layout.zones {
            zone.rect = rect(zone.rect);
        }
        for gate in &mut hall.layout.gates {
            *gate = rect(*gate);
        }
        hall
    }

    fn facing(mut self, change: impl Fn(Side) -> Side) -> Self {
        for zone in &mut self.layout.zones {
            zone.facing = change(zone.facing);
        }
        self
    }
}

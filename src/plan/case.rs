//! What cases have in common: floor, block types, placements, layouts. Each error is one line that names the field.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::layout::block::{LONGEST_SIDE, MOST_COVERED, MOST_PLACEMENTS};
use crate::layout::{BlockType, Floor, Layout, Placement, Purpose, Rect, Rules, Side, Zone};

/// Why the input is not a case: one line for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotACase(pub String);

impl NotACase {
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }

    /// The reason, with what it is about in front.
    pub fn about(field: impl fmt::Display, reason: impl fmt::Display) -> Self {
        Self(format!("{field}: {reason}"))
    }
}

impl fmt::Display for NotACase {
    /// One line, whatever the input put into it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 400;
        for letter in self.0.chars().take(LONGEST) {
            let letter = if letter.is_control() { ' ' } else { letter };
            write!(f, "{letter}")?;
        }
        Ok(())
    }
}

impl std::error::Error for NotACase {}

/// Reads one JSON object as `T`; the error names the field that cannot be read.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, NotACase> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let Object(value) = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.into_inner();
        if path == "." {
            NotACase::new(reason)
        } else {
            NotACase::about(path, reason)
        }
    })?;
    json.end().map_err(NotACase::new)?;
    Ok(value)
}

/// A floor as it stands in cases.
#[derive(Deserialize)]
pub struct FloorShape {
    w: Option<usize>,
    h: Option<usize>,
    rows: Vec<String>,
}

impl FloorShape {
    /// The floor; refused where the rows are none or are not of the size that is claimed.
    pub fn floor(&self) -> Result<Floor, NotACase> {
        let floor = Floor::parse(&self.rows).map_err(|error| NotACase::about("floor", error))?;
        if self.w.is_some_and(|w| w != floor.width()) {
            return Err(NotACase::about("floor.w", "the rows have another length"));
        }
        if self.h.is_some_and(|h| h != floor.height()) {
            return Err(NotACase::about(
                "floor.h",
                "there is another number of rows",
            ));
        }
        Ok(floor)
    }
}

/// A block type as it stands in cases, without its id.
#[derive(Deserialize)]
pub struct BlockTypeShape {
    w: Option<i32>,
    h: Option<i32>,
    height_mm: Option<i32>,
    max_z: Option<i32>,
    handle_s: Option<u32>,
    loaded_s: Option<u32>,
    salon_seats: Option<u32>,
    anchors: Option<bool>,
}

impl BlockTypeShape {
    /// The type. What is left out is as the page has it for `big` and for `small`; another type says its sides, and is like `small` otherwise.
    fn block_type(&self, id: &str, rules: &Rules) -> Result<BlockType, NotACase> {
        let about =
            |field: &str, reason: &str| NotACase::about(format!("types.{id}.{field}"), reason);
        let known = match id {
            "big" => Some(BlockType::big()),
            "small" => Some(BlockType::small()),
            _ => None,
        };
        let side = |name: &str, said: Option<i32>, known: Option<i32>| {
            let side = said.or(known).ok_or_else(|| about(name, "is missing"))?;
            if (1..=LONGEST_SIDE).contains(&side) {
                Ok(side)
            } else {
                Err(about(name, &format!("is not from 1 to {LONGEST_SIDE}")))
            }
        };
        let not_negative = |name: &str, value: i32| {
            if value < 0 {
                Err(about(name, "is below 0"))
            } else {
                Ok(value)
            }
        };
        let w = side("w", self.w, known.as_ref().map(|one| one.w))?;
        let h = side("h", self.h, known.as_ref().map(|one| one.h))?;
        let seats = if id == "big" {
            rules.salon_big_seats
        } else {
            rules.salon_small_seats
        };
        let usual = known.unwrap_or_else(BlockType::small);
        Ok(BlockType {
            id: id.to_owned(),
            w,
            h,
            height_mm: not_negative("height_mm", self.height_mm.unwrap_or(usual.height_mm))?,
            max_z: not_negative("max_z", self.max_z.unwrap_or(usual.max_z))?,
            handle_s: self.handle_s.unwrap_or(usual.handle_s),
            loaded_s: self.loaded_s.unwrap_or(usual.loaded_s),
            salon_seats: self.salon_seats.unwrap_or(seats),
            anchors: self.anchors.unwrap_or(usual.anchors),
        })
    }
}

/// The block types of a case, in its order, with its own values where the page leaves them to the rules.
pub type BlockTypesShape = ById<Object<BlockTypeShape>>;

impl BlockTypesShape {
    /// The types; `rules` say the seats of those that do not.
    pub fn types(&self, rules: &Rules) -> Result<Vec<BlockType>, NotACase> {
        let one =
            |(id, Object(shape)): &(String, Object<BlockTypeShape>)| shape.block_type(id, rules);
        self.0.iter().map(one).collect()
    }
}

/// How many there are of each type; a type that is not listed is not limited.
pub type InventoryShape = ById<u32>;

impl InventoryShape {
    /// The numbers in the order of `types`. What it lists besides is not looked at: a stock may hold more kinds than a case needs.
    pub fn of(&self, types: &[BlockType]) -> Vec<Option<u32>> {
        let count = |one: &BlockType| self.0.iter().find(|(id, _)| *id == one.id);
        types
            .iter()
            .map(|one| count(one).map(|(_, count)| *count))
            .collect()
    }
}

/// A placement as it stands in cases.
#[derive(Deserialize)]
pub struct PlacementShape {
    t: String,
    x: i32,
    y: i32,
    #[serde(default)]
    z: i32,
    #[serde(default)]
    rot: i32,
}

/// The placements of a list that is called `field` in the case.
pub fn placements(
    field: &str,
    shapes: &AtMost<PlacementShape>,
    types: &[BlockType],
) -> Result<Vec<Placement>, NotACase> {
    let place = |(index, shape): (usize, &PlacementShape)| {
        let block = types
            .iter()
            .position(|one| one.id == shape.t)
            .ok_or_else(|| {
                NotACase::about(
                    format!("{field}[{index}].t"),
                    format!("there is no block type {:?}", shape.t),
                )
            })?;
        let turned = match shape.rot {
            0 => false,
            90 => true,
            _ => {
                return Err(NotACase::about(
                    format!("{field}[{index}].rot"),
                    "is neither 0 nor 90",
                ));
            }
        };
        let at = (shape.x, shape.y, shape.z);
        Ok(Placement::new(types, block, at, turned))
    };
    let placements: Vec<_> = shapes
        .0
        .iter()
        .enumerate()
        .map(place)
        .collect::<Result<_, _>>()?;
    let area = |one: &Placement| types[one.block].w as usize * types[one.block].h as usize;
    if placements.iter().map(area).sum::<usize>() > MOST_COVERED {
        return Err(NotACase::about(
            field,
            format!("the blocks cover more than {MOST_COVERED} cells"),
        ));
    }
    Ok(placements)
}

/// A zone as it stands in cases.
#[derive(Deserialize)]
struct ZoneShape {
    kind: Option<String>,
    x: i32,
    y: i32,
    w: i32,
    h: i32,
    facing: String,
}

/// A gate as it stands in cases.
#[derive(Deserialize)]
struct GateShape {
    x: i32,
    y: i32,
    w: i32,
    h: i32,
}

/// A layout as it stands in cases.
#[derive(Deserialize)]
pub struct LayoutShape {
    purpose: String,
    placements: AtMost<PlacementShape>,
    #[serde(default)]
    zones: AtMost<ZoneShape>,
    #[serde(default)]
    gates: AtMost<GateShape>,
    #[serde(default)]
    seats_required: u32,
}

impl LayoutShape {
    /// The layout, its placements being of `types`.
    pub fn layout(&self, types: &[BlockType]) -> Result<Layout, NotACase> {
        let purpose = Purpose::from_name(&self.purpose).ok_or_else(|| {
            NotACase::about(
                "layout.purpose",
                format!("there is no purpose {:?}", self.purpose),
            )
        })?;
        let zone = |(index, shape): (usize, &ZoneShape)| {
            let field = format!("layout.zones[{index}]");
            if shape.kind.as_ref().is_some_and(|kind| kind != "audience") {
                return Err(NotACase::about(
                    format!("{field}.kind"),
                    "is not \"audience\"",
                ));
            }
            let facing = Side::from_letter(&shape.facing).ok_or_else(|| {
                NotACase::about(format!("{field}.facing"), "is none of N, S, W, E")
            })?;
            let rect = rect(&field, shape.x, shape.y, shape.w, shape.h)?;
            Ok(Zone { rect, facing })
        };
        let gate = |(index, shape): (usize, &GateShape)| {
            let field = format!("layout.gates[{index}]");
            rect(&field, shape.x, shape.y, shape.w, shape.h)
        };
        let placements = placements("layout.placements", &self.placements, types)?;
        let zones: Vec<Zone> = (self.zones.0.iter().enumerate())
            .map(zone)
            .collect::<Result<_, _>>()?;
        let gates: Vec<Rect> = (self.gates.0.iter().enumerate())
            .map(gate)
            .collect::<Result<_, _>>()?;
        within_reason("layout.zones", zones.iter().map(|zone| &zone.rect))?;
        within_reason("layout.gates", &gates)?;
        Ok(Layout {
            purpose,
            placements,
            zones,
            gates,
            seats_required: self.seats_required,
        })
    }
}

/// Rectangles that cover no more cells together than blocks may, as far as they can lie on a floor.
fn within_reason<'a>(
    field: &str,
    rects: impl IntoIterator<Item = &'a Rect>,
) -> Result<(), NotACase> {
    let side = |length: i32| usize::try_from(length.min(LONGEST_SIDE)).unwrap_or(0);
    let cells = |rect: &Rect| side(rect.w) * side(rect.h);
    if rects.into_iter().map(cells).sum::<usize>() > MOST_COVERED {
        let reason = format!("cover more than {MOST_COVERED} cells together");
        return Err(NotACase::about(field, reason));
    }
    Ok(())
}

fn rect(field: &str, x: i32, y: i32, w: i32, h: i32) -> Result<Rect, NotACase> {
    if w < 1 {
        return Err(NotACase::about(format!("{field}.w"), "is below 1"));
    }
    if h < 1 {
        return Err(NotACase::about(format!("{field}.h"), "is below 1"));
    }
    Ok(Rect { x, y, w, h })
}

/// An object whose fields are ids, in their order; an id that comes twice is refused.
pub struct ById<T>(pub Vec<(String, T)>);

impl<T> Default for ById<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ById<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = ById<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object by id")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields: Vec<(String, T)> = Vec::new();
                while let Some(id) = map.next_key::<String>()? {
                    if fields.iter().any(|(other, _)| *other == id) {
                        return Err(de::Error::custom(format!("{id:?} comes twice")));
                    }
                    if fields.len() == MOST_TYPES {
                        let reason = format!("there are more than {MOST_TYPES}");
                        return Err(de::Error::custom(reason));
                    }
                    fields.push((id, map.next_value()?));
                }
                Ok(ById(fields))
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// The most block types that a case may have.
const MOST_TYPES: usize = 1_000;

/// A list of at most [`MOST_PLACEMENTS`] objects, refused at the first one too many.
pub struct AtMost<T>(pub Vec<T>);

impl<T> Default for AtMost<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for AtMost<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = AtMost<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(Object(item)) = seq.next_element()? {
                    if items.len() == MOST_PLACEMENTS {
                        let reason = format!("there are more than {MOST_PLACEMENTS}");
                        return Err(de::Error::custom(reason));
                    }
                    items.push(item);
                }
                Ok(AtMost(items))
            }
        }

        deserializer.deserialize_seq(Items(PhantomData))
    }
}

/// An object: what serde derives would also take a list of the fields' values.
#[derive(Default)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(de::value::MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

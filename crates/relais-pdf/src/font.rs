//! The three faces that everything is set in, and what their signs take of a line.
//!
//! French and English need no shaper: a sign is one glyph, and pairs move closer
//! by the font's own table of kerning.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI16, Ordering};

use skrifa::raw::TableProvider;
use skrifa::raw::tables::gpos::{PairPos, PositionSubtables};
use skrifa::{FontRef, GlyphId16, MetadataProvider, Tag, instance::LocationRef, instance::Size};

/// A face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    Plain,
    Strong,
    Stressed,
}

/// What a sign is drawn with, and how far it takes the line, in parts of the type size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Glyph {
    pub id: u16,
    pub advance: f32,
}

/// First and last of the signs that are looked up once and kept: Latin with its accents.
const KEPT: usize = 0x180;

/// A pair that nobody has asked for.
const UNREAD: i16 = i16::MIN;

/// A face that has been read.
pub(crate) struct Font {
    font: FontRef<'static>,
    units: f32,
    kept: Vec<Glyph>,
    /// How pairs of kept signs stand, as it has been read so far; [`UNREAD`] elsewhere.
    kerned: Vec<AtomicI16>,
    pairs: Vec<PairPos<'static>>,
    drawn: krilla::text::Font,
}

static FILES: [&[u8]; 3] = [
    include_bytes!("../fonts/SourceSans3-Regular.ttf"),
    include_bytes!("../fonts/SourceSans3-SemiBold.ttf"),
    include_bytes!("../fonts/SourceSans3-Italic.ttf"),
];

/// The face, read once.
pub(crate) fn font(face: Face) -> &'static Font {
    static READ: [OnceLock<Font>; 3] = [const { OnceLock::new() }; 3];
    let n = face as usize;
    READ[n].get_or_init(|| Font::read(FILES[n]))
}

impl Font {
    fn read(file: &'static [u8]) -> Self {
        let font = FontRef::new(file).expect("a font of ours");
        let mut read = Self {
            units: f32::from(font.head().expect("a font of ours").units_per_em()),
            kept: Vec::new(),
            kerned: (0..KEPT * KEPT).map(|_| AtomicI16::new(UNREAD)).collect(),
            pairs: kerning(&font),
            drawn: krilla::text::Font::new(file.into(), 0).expect("a font of ours"),
            font,
        };
        read.kept = (0..KEPT)
            .map(|c| char::from_u32(c as u32).map_or_else(|| read.look_up('?'), |c| read.look_up(c)))
            .collect();
        read
    }

    /// The face as the file of PDF embeds it.
    pub(crate) const fn drawn(&self) -> &krilla::text::Font {
        &self.drawn
    }

    /// The glyph of a sign; a question mark stands for one that the face does not have.
    pub(crate) fn glyph(&self, sign: char) -> Glyph {
        self.kept
            .get(sign as usize)
            .copied()
            .unwrap_or_else(|| self.look_up(sign))
    }

    fn look_up(&self, sign: char) -> Glyph {
        let map = self.font.charmap();
        let id = map
            .map(sign)
            .or_else(|| map.map('?'))
            .and_then(|id| u16::try_from(id.to_u32()).ok())
            .unwrap_or_default();
        let metrics = self.font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let advance = metrics.advance_width(GlyphId16::new(id).into()).unwrap_or_default();
        Glyph {
            id,
            advance: advance / self.units,
        }
    }

    /// By how much two signs stand closer (below 0) than each alone, in parts of the type size.
    pub(crate) fn kern(&self, left: char, right: char) -> f32 {
        let kept = |sign: char| Some(sign as usize).filter(|n| *n < KEPT);
        let units = match (kept(left), kept(right)) {
            (Some(l), Some(r)) => {
                // Whoever comes second writes the same.
                let place = &self.kerned[l * KEPT + r];
                match place.load(Ordering::Relaxed) {
                    UNREAD => {
                        let units = self.read_pair(left, right);
                        place.store(units, Ordering::Relaxed);
                        units
                    }
                    units => units,
                }
            }
            _ => self.read_pair(left, right),
        };
        f32::from(units) / self.units
    }

    fn read_pair(&self, left: char, right: char) -> i16 {
        let (left, right) = (
            GlyphId16::new(self.glyph(left).id),
            GlyphId16::new(self.glyph(right).id),
        );
        self.pairs
            .iter()
            .find_map(|pairs| pair(pairs, left, right))
            .unwrap_or_default()
    }
}

/// The tables of the font's kerning, in order.
fn kerning(font: &FontRef<'static>) -> Vec<PairPos<'static>> {
    let read = || -> Result<Vec<PairPos<'static>>, skrifa::raw::ReadError> {
        let gpos = font.gpos()?;
        let (features, lookups) = (gpos.feature_list()?, gpos.lookup_list()?);
        let mut wanted: Vec<u16> = Vec::new();
        for record in features.feature_records() {
            if record.feature_tag() == Tag::new(b"kern") {
                let feature = record.feature(features.offset_data())?;
                wanted.extend(feature.lookup_list_indices().iter().map(|i| i.get()));
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        let mut pairs = Vec::new();
        for n in wanted {
            if let PositionSubtables::Pair(tables) = lookups.lookups().get(usize::from(n))?.subtables()? {
                pairs.extend(tables.iter().filter_map(Result::ok));
            }
        }
        Ok(pairs)
    };
    // A font without kerning is set without it.
    read().unwrap_or_default()
}

/// What a table says of a pair; nothing where it does not speak of it.
fn pair(pairs: &PairPos<'static>, left: GlyphId16, right: GlyphId16) -> Option<i16> {
    match pairs {
        PairPos::Format1(table) => {
            let n = table.coverage().ok()?.get(left)?;
            let set = table.pair_sets().get(usize::from(n)).ok()?;
            set.pair_value_records()
                .iter()
                .filter_map(Result::ok)
                .find(|record| record.second_glyph() == right)
                .map(|record| record.value_record1().x_advance().unwrap_or_default())
        }
        PairPos::Format2(table) => {
            table.coverage().ok()?.get(left)?;
            let first = table.class_def1().ok()?.get(left);
            let second = table.class_def2().ok()?.get(right);
            let row = table.class1_records().get(usize::from(first)).ok()?;
            let record = row.class2_records().get(usize::from(second)).ok()?;
            Some(record.value_record1().x_advance().unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_faces_have_every_sign_that_documents_are_set_with() {
        for face in [Face::Plain, Face::Strong, Face::Stressed] {
            let font = font(face);
            let unknown = font.glyph('?').id;
            for sign in "éèêëàâçùûîïôœæÉÈÀÇŒ«»“”‘’–—…·•→←≥≤×−☐☑✓°€\u{a0}\u{202f}\u{2011}".chars()
            {
                let glyph = font.glyph(sign);
                assert!(glyph.id != 0 && glyph.id != unknown, "{face:?} {sign:?}");
            }
            assert_eq!(font.glyph('漢').id, unknown);
        }
    }

    #[test]
    fn pairs_stand_closer_by_the_fonts_own_table() {
        let font = font(Face::Plain);
        let kern = |a, b| font.kern(a, b);
        assert!(kern('A', 'V') < -0.01, "{}", kern('A', 'V'));
        assert!(kern('T', 'o') < -0.02, "{}", kern('T', 'o'));
        assert_eq!(kern('n', 'n'), 0.0);
    }
}

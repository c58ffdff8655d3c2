//! What the pages mean: the tree of tags that a screen reader walks. It is built
//! while pages are laid out, and filled with what was drawn once they are.

use krilla::tagging::{Identifier, Node, TagGroup, TagKind, TagTree};

/// A node of the tree, by its number.
pub(crate) type Branch = usize;
/// A place in the tree for something that will be drawn, by its number.
pub(crate) type Leaf = usize;

/// The node that everything hangs from.
pub(crate) const ROOT: Branch = 0;

#[derive(Clone, Copy)]
enum Child {
    Branch(Branch),
    Leaf(Leaf),
}

struct Bough {
    /// The root has none: the file's own document element stands for it.
    kind: Option<TagKind>,
    children: Vec<Child>,
}

/// The tree.
pub(crate) struct Tree {
    boughs: Vec<Bough>,
    leaves: usize,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self {
            boughs: vec![Bough {
                kind: None,
                children: Vec::new(),
            }],
            leaves: 0,
        }
    }

    /// A node under another, after what is there.
    pub(crate) fn branch(&mut self, under: Branch, kind: impl Into<TagKind>) -> Branch {
        let new = self.boughs.len();
        self.boughs.push(Bough {
            kind: Some(kind.into()),
            children: Vec::new(),
        });
        self.boughs[under].children.push(Child::Branch(new));
        new
    }

    /// A place for what will be drawn, after what is there.
    pub(crate) fn leaf(&mut self, under: Branch) -> Leaf {
        let new = self.leaves;
        self.leaves += 1;
        self.boughs[under].children.push(Child::Leaf(new));
        new
    }

    /// How many places there are.
    pub(crate) const fn leaves(&self) -> usize {
        self.leaves
    }

    /// The tree of the file: each place with what was drawn there.
    pub(crate) fn filled(&self, drawn: &[Option<Identifier>], lang: &str) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some(lang.to_owned()));
        tree.children = self.nodes(ROOT, drawn);
        tree
    }

    fn nodes(&self, of: Branch, drawn: &[Option<Identifier>]) -> Vec<Node> {
        let node = |child: &Child| match *child {
            Child::Leaf(leaf) => drawn.get(leaf).copied().flatten().map(Node::from),
            Child::Branch(branch) => {
                let kind = self.boughs[branch].kind.clone()?;
                Some(TagGroup::with_children(kind, self.nodes(branch, drawn)).into())
            }
        };
        self.boughs[of].children.iter().filter_map(node).collect()
    }
}

//! The names of all points, as data. A point that no test reaches fails the crash-point loop.

/// Declares the points: variant, name, and whether the place can return an error.
macro_rules! points {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $fails:ident;)*) => {
        /// A named place in the program.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Point {
            $($(#[$doc])* $variant,)*
        }

        impl Point {
            /// All points.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name: words with dots between them.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether the place can return an error.
            pub const fn can_fail(self) -> bool {
                match self { $(Self::$variant => points!(@ $fails),)* }
            }

            /// The point of that name.
            pub fn by_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|point| point.name() == name)
            }
        }
    };
    (@ fails) => { true };
    (@ silent) => { false };
}

points! {
    /// An update was decoded and is about to be decided; the text is the update's raw JSON.
    ChatStep = "chat.step", fails;
    /// The work on an upload begins; the text is the file's name.
    JobWork = "job.work", fails;
    /// A file is about to be given to an inspecting child; the text is the file's name. The action
    /// happens in the child, after it has confined itself.
    InspectChild = "inspect.child", silent;
}

//! The screen without a display: real hit tests, real text measures, no worker.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bodycam;
mod catalogues;
mod custody;
mod custody_views;
mod desk;
mod desk_views;
mod face_views;
mod faults;
mod incident;
mod incident_views;
mod law;
mod law_views;
mod lock;
mod photo;
mod photo_views;
mod receipt;
mod receipt_views;
mod say;
mod say_views;
mod screens;
mod taps;
mod theme;
mod views;
mod wires;

use crate::app::{App, AppOptions};
use i_slint_backend_testing::{ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions};
use slint::ComponentHandle;
use slint::platform::{PointerEventButton, WindowEvent};
use tablet::pages::{PageView, Stamp};
use tablet::worker::{Command, Update};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// An application with nobody behind it.
struct Screen {
    app: App,
    commands: UnboundedReceiver<(Stamp, Command)>,
}

impl Screen {
    fn new(view: PageView) -> Self {
        Self::with(view, AppOptions::default())
    }

    fn with(view: PageView, options: AppOptions) -> Self {
        let backend = TestingBackend::new(TestingBackendOptions {
            mock_time: true,
            threading: false,
            renderer_name: Some("software".into()),
        });
        // The second screen of one thread finds the platform set.
        drop(slint::platform::set_platform(Box::new(backend)));
        let (sender, commands) = unbounded_channel();
        let app = App::new(sender, options).unwrap();
        app.window().set_size(slint::PhysicalSize::new(1280, 800));
        app.component().show().unwrap();
        let screen = Self { app, commands };
        screen.show(view);
        screen
    }

    fn show(&self, view: PageView) {
        self.app.apply(Update::Page(Box::new(view)));
        self.settle();
        // Nobody taps before they have seen the page.
        i_slint_backend_testing::mock_elapsed_time(super::Guard::TIME);
    }

    /// Another window, or larger text.
    fn set_look(&self, width: f32, height: f32, text_scale: f32) {
        self.app
            .window()
            .set_size(slint::LogicalSize::new(width, height));
        self.app.set_text_scale(text_scale);
        self.settle();
    }

    /// Lets what waits for the next turn of the event loop happen.
    fn settle(&self) {
        i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_millis(50));
    }

    fn all(&self, id: &str) -> Vec<ElementHandle> {
        ElementHandle::find_by_element_id(self.app.component(), id).collect()
    }

    fn the(&self, id: &str) -> ElementHandle {
        let found = self.all(id);
        assert!(!found.is_empty(), "{id} is not on the page");
        found[0].clone()
    }

    fn tap(&self, id: &str) {
        self.tap_nth(id, 0);
    }

    fn tap_nth(&self, id: &str, n: usize) {
        let mut found = self.all(id);
        if n >= found.len() {
            // Of what lies wholly below the edge nothing is there.
            self.scroll_page_to_its_end();
            found = self.all(id);
        }
        assert!(n < found.len(), "{id}: {} on the page", found.len());
        self.bring_into_view(id, &found[n]);
        found[n].mock_single_click(PointerEventButton::Left);
        self.settle();
    }

    fn scroll_page_to_its_end(&self) {
        if let Some(view) = self.all("PageFrame::view").first() {
            let (at, size) = (view.absolute_position(), view.size());
            self.app
                .window()
                .dispatch_event(WindowEvent::PointerScrolled {
                    position: slint::LogicalPosition::new(at.x + 4.0, at.y + size.height / 2.0),
                    delta_x: 0.0,
                    delta_y: -10_000.0,
                });
            self.settle();
        }
    }

    /// Scrolls the page, as a finger does, until `element` is between its head and its actions.
    fn bring_into_view(&self, id: &str, element: &ElementHandle) {
        let Some(view) = self.all("PageFrame::view").into_iter().next() else {
            return;
        };
        if view.query_descendants().match_id(id).find_all().is_empty() {
            return;
        }
        let (top, height) = (view.absolute_position().y, view.size().height);
        let left = view.absolute_position().x + 4.0;
        let middle = element.absolute_position().y + element.size().height / 2.0;
        if middle < top || middle > top + height {
            self.app
                .window()
                .dispatch_event(WindowEvent::PointerScrolled {
                    position: slint::LogicalPosition::new(left, top + height / 2.0),
                    delta_x: 0.0,
                    delta_y: top + height / 2.0 - middle,
                });
            self.settle();
        }
    }

    fn fill(&self, id: &str, text: &str) {
        self.the(id).set_accessible_value(text);
        self.settle();
    }

    /// Every text on the screen.
    fn words(&self) -> Vec<String> {
        texts(self)
            .iter()
            .filter_map(|e| e.accessible_label())
            .map(String::from)
            .collect()
    }

    /// The commands sent since the last call; each must bear the stamp of the page.
    fn sent(&mut self) -> Vec<Command> {
        let mut sent = Vec::new();
        while let Ok((stamp, command)) = self.commands.try_recv() {
            assert_eq!(stamp, views::stamp());
            // Every tap says that somebody is there, every key what is typed so far.
            if !matches!(command, Command::Touched | Command::Typed(_)) {
                sent.push(command);
            }
        }
        sent
    }

    fn only(&mut self) -> Command {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent.remove(0)
    }
}

fn texts(screen: &Screen) -> Vec<ElementHandle> {
    ElementQuery::from_root(screen.app.component())
        .match_descendants()
        .match_inherits("Label")
        .find_all()
}

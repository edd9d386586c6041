//! The screen without a display: real hit tests, real text measures, no worker.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod bodycam;
mod catalogues;
mod custody;
mod custody_views;
mod desk;
mod desk_views;
mod face_views;
mod faults;
mod help;
mod help_views;
mod incident;
mod incident_views;
mod law;
mod law_views;
mod lock;
mod photo;
mod photo_views;
mod reach;
mod receipt;
mod receipt_views;
mod say;
mod say_views;
mod screens;
mod taps;
mod theme;
mod training;
mod training_views;
mod typing;
mod views;
mod wires;

use crate::app::{App, AppOptions};
use i_slint_backend_testing::{ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions};
use slint::platform::{PointerEventButton, WindowEvent};
use slint::{ComponentHandle, SharedString};
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

    /// What is scrolled away is not on the page: it is scrolled to.
    fn tap_nth(&self, id: &str, n: usize) {
        let found = self.all(id);
        if let Some(element) = found.get(n).filter(|e| self.is_in_view(e) != Some(false)) {
            element.mock_single_click(PointerEventButton::Left);
            return self.settle();
        }
        let mut met: Vec<Option<SharedString>> = Vec::new();
        loop {
            for element in self.all(id) {
                let label = element.accessible_label();
                if !met.contains(&label) {
                    met.push(label.clone());
                }
                if met.get(n) == Some(&label) && self.is_in_view(&element) != Some(false) {
                    element.mock_single_click(PointerEventButton::Left);
                    return self.settle();
                }
            }
            assert!(self.scroll_down(), "{id}: {} on the page", met.len());
        }
    }

    /// Whether the middle of something lies between the head of the page and its actions; `None`: the page
    /// does not scroll.
    fn is_in_view(&self, element: &ElementHandle) -> Option<bool> {
        let view = self.all("PageFrame::view").into_iter().next()?;
        let id = element.id()?;
        if view.query_descendants().match_id(id).find_all().is_empty() {
            return None;
        }
        let (top, height) = (view.absolute_position().y, view.size().height);
        let middle = element.absolute_position().y + element.size().height / 2.0;
        Some(middle >= top && middle <= top + height)
    }

    /// Scrolls the page by half of what is seen of it; false: there is no more.
    fn scroll_down(&self) -> bool {
        self.scroll(-0.5)
    }

    fn scroll_to_top(&self) {
        while self.scroll(1000.0) {}
    }

    /// By so much of what is seen; whether anything moved. What scrolls on the page scrolls first, then it.
    fn scroll(&self, by: f32) -> bool {
        let seen = || -> Vec<_> {
            let texts = texts(self);
            texts
                .iter()
                .map(|t| (t.accessible_label(), t.absolute_position().y.to_bits()))
                .collect()
        };
        let before = seen();
        let mut lists = self.all("ScrollList::list");
        lists.extend(self.all("PageFrame::view"));
        lists.extend(self.all("TopBar::view"));
        for list in lists {
            let (at, size) = (list.absolute_position(), list.size());
            self.app
                .window()
                .dispatch_event(WindowEvent::PointerScrolled {
                    position: slint::LogicalPosition::new(at.x + 2.0, at.y + size.height / 2.0),
                    delta_x: 0.0,
                    delta_y: by * size.height,
                });
            self.settle();
            if seen() != before {
                return true;
            }
        }
        false
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

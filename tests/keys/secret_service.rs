//! A keyring on a bus of its own, in this process: what the Secret Service says, as far as stepgate asks.
//!
//! Values stay encrypted: the service's half of the key exchange is 1, so every session has the same key, and what one
//! session gave is given to the next as it came.
#![expect(
    clippy::needless_pass_by_value,
    reason = "what answers on a bus takes what came over it"
)]

use std::collections::{BTreeMap, HashMap};
use std::os::unix::net::UnixListener;
use std::sync::{Arc, Mutex};

use zbus::blocking::connection::Builder;
use zbus::interface;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

/// As many keys as a test may keep.
const ROOM: usize = 4;

/// Session, initial vector, encrypted value, type.
type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// What is kept: by its number, the attributes and the secret.
type Items = Arc<Mutex<BTreeMap<usize, (HashMap<String, String>, Secret)>>>;

/// A keyring; its socket goes with the folder.
pub(crate) struct SecretService {
    folder: tempfile::TempDir,
    items: Items,
}

impl SecretService {
    /// Starts one that has no keys yet.
    pub(crate) fn start() -> Self {
        let service = Self {
            folder: tempfile::tempdir().unwrap(),
            items: Items::default(),
        };
        let listener = UnixListener::bind(service.folder.path().join("bus")).unwrap();
        let items = Arc::clone(&service.items);
        // Not joined: it ends with the test's process.
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming() {
                let guid = zbus::Guid::generate();
                let mut builder = Builder::async_io_unix_stream(stream.unwrap())
                    .server(guid)
                    .unwrap()
                    .p2p();
                builder = builder.serve_at("/org/freedesktop/DBus", Bus).unwrap();
                let service = Service(Arc::clone(&items));
                builder = builder.serve_at("/org/freedesktop/secrets", service).unwrap();
                let collection = Collection(Arc::clone(&items));
                builder = builder.serve_at(COLLECTION, collection).unwrap();
                for number in 0..ROOM {
                    let item = Item(number, Arc::clone(&items));
                    builder = builder.serve_at(path(number), item).unwrap();
                }
                held.extend(builder.build());
            }
        });
        service
    }

    /// Where the bus is, as a client wants to be told.
    pub(crate) fn address(&self) -> String {
        format!("unix:path={}", self.folder.path().join("bus").display())
    }

    /// For whom it has a key.
    pub(crate) fn names(&self) -> Vec<String> {
        let items = self.items.lock().unwrap();
        items
            .values()
            .map(|(attributes, _)| attributes["username"].clone())
            .collect()
    }
}

const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

fn path(number: usize) -> OwnedObjectPath {
    ObjectPath::try_from(format!("{COLLECTION}/{number}"))
        .unwrap()
        .into()
}

fn nothing() -> OwnedObjectPath {
    ObjectPath::try_from("/").unwrap().into()
}

struct Bus;

#[interface(name = "org.freedesktop.DBus")]
impl Bus {
    fn hello(&self) -> String {
        ":1.1".to_owned()
    }

    fn add_match(&self, _rule: &str) {}

    fn remove_match(&self, _rule: &str) {}

    fn name_has_owner(&self, _name: &str) -> bool {
        true
    }

    fn get_name_owner(&self, _name: &str) -> String {
        ":1.0".to_owned()
    }
}

struct Service(Items);

#[interface(name = "org.freedesktop.Secret.Service")]
impl Service {
    fn open_session(&self, algorithm: &str, _input: Value<'_>) -> (OwnedValue, OwnedObjectPath) {
        assert_eq!(algorithm, "dh-ietf1024-sha256-aes128-cbc-pkcs7");
        let session = ObjectPath::try_from("/org/freedesktop/secrets/session/1").unwrap();
        (Value::from(vec![1u8]).try_into().unwrap(), session.into())
    }

    fn search_items(&self, wanted: HashMap<String, String>) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        let items = self.0.lock().unwrap();
        let fits = |attributes: &HashMap<String, String>| {
            wanted
                .iter()
                .all(|(name, value)| attributes.get(name) == Some(value))
        };
        let found = items.iter().filter(|(_, (attributes, _))| fits(attributes));
        (found.map(|(number, _)| path(*number)).collect(), Vec::new())
    }

    fn unlock(&self, objects: Vec<OwnedObjectPath>) -> (Vec<OwnedObjectPath>, OwnedObjectPath) {
        (objects, nothing())
    }

    fn read_alias(&self, _name: &str) -> OwnedObjectPath {
        ObjectPath::try_from(COLLECTION).unwrap().into()
    }
}

struct Collection(Items);

#[interface(name = "org.freedesktop.Secret.Collection")]
impl Collection {
    fn create_item(
        &self,
        properties: HashMap<String, OwnedValue>,
        secret: Secret,
        _replace: bool,
    ) -> (OwnedObjectPath, OwnedObjectPath) {
        let attributes = properties["org.freedesktop.Secret.Item.Attributes"]
            .try_clone()
            .unwrap();
        let attributes = HashMap::<String, String>::try_from(attributes).unwrap();
        let mut items = self.0.lock().unwrap();
        let number = (0..ROOM).find(|number| !items.contains_key(number)).unwrap();
        items.insert(number, (attributes, secret));
        (path(number), nothing())
    }

    #[zbus(property)]
    fn locked(&self) -> bool {
        false
    }
}

struct Item(usize, Items);

#[interface(name = "org.freedesktop.Secret.Item")]
impl Item {
    fn get_secret(&self, _session: OwnedObjectPath) -> (Secret,) {
        (self.1.lock().unwrap()[&self.0].1.clone(),)
    }

    fn set_secret(&self, secret: Secret) {
        self.1.lock().unwrap().get_mut(&self.0).unwrap().1 = secret;
    }

    fn delete(&self) -> OwnedObjectPath {
        self.1.lock().unwrap().remove(&self.0);
        nothing()
    }

    #[zbus(property)]
    fn locked(&self) -> bool {
        false
    }
}

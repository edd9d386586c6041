//! What is asked of the TPM, command by command (TCG TPM 2.0 Library, part 3).

use super::super::KeyStoreError;
use std::ops::RangeInclusive;
use tss_esapi::attributes::{
    NvIndexAttributesBuilder, ObjectAttributesBuilder, SessionAttributesBuilder,
};
use tss_esapi::constants::response_code::Tss2ResponseCodeKind;
use tss_esapi::constants::{CapabilityType, NvIndexType, SessionType};
use tss_esapi::handles::{
    KeyHandle, NvIndexHandle, NvIndexTpmHandle, ObjectHandle, PersistentTpmHandle, TpmHandle,
};
use tss_esapi::interface_types::algorithm::{HashingAlgorithm, PublicAlgorithm};
use tss_esapi::interface_types::ecc::EccCurve;
use tss_esapi::interface_types::resource_handles::{Hierarchy, NvAuth, Provision};
use tss_esapi::interface_types::session_handles::AuthSession;
use tss_esapi::structures::{
    CapabilityData, Digest, EccPoint, EccScheme, HashScheme, HashcheckTicket, KeyedHashScheme,
    MaxBuffer, MaxNvBuffer, NvPublicBuilder, Private, Public, PublicBuilder,
    PublicEccParametersBuilder, PublicKeyedHashParameters, Signature, SignatureScheme,
    SymmetricDefinition, SymmetricDefinitionObject,
};
use tss_esapi::traits::{Marshall as _, UnMarshall as _};
use tss_esapi::{Context, Error, TctiNameConf};
use zeroize::Zeroizing;

/// Where the storage root key is kept (TCG TPM 2.0 Provisioning Guidance): the parent of all keys.
const PARENT: u32 = 0x8100_0001;
/// Handles asked for at once.
const HANDLES: u32 = 64;

/// A conversation with the TPM. What passes is encrypted on the way, with a key that only the TPM
/// behind the storage root key can find out: somebody who listens at the bus learns no secret.
pub(super) struct Chip {
    context: Context,
    parent: KeyHandle,
    session: AuthSession,
}

/// A key as it lies outside of the TPM: of use to that TPM alone.
#[derive(Clone)]
pub(super) struct Blob {
    pub public: Vec<u8>,
    pub private: Vec<u8>,
}

/// Which key is made.
#[derive(Clone, Copy)]
pub(super) enum Make {
    /// ECDSA over P-256.
    Signing,
    /// HMAC-SHA-256.
    Mac,
}

impl From<Error> for KeyStoreError {
    fn from(error: Error) -> Self {
        let kind = match error {
            Error::Tss2Error(code) => code.kind(),
            Error::WrapperError(_) => None,
        };
        match kind {
            // The blob was made under another TPM's seed.
            Some(Tss2ResponseCodeKind::Integrity) => Self::NotOurs,
            Some(Tss2ResponseCodeKind::NvSpace) => Self::Full,
            _ => {
                tracing::error!(%error, "TPM");
                Self::Tpm
            }
        }
    }
}

impl Chip {
    pub(super) fn connect(tcti: &TctiNameConf) -> Result<Self, KeyStoreError> {
        let mut context = Context::new(tcti.clone())?;
        let parent = parent(&mut context)?;
        let session = context
            .start_auth_session(
                Some(parent),
                None,
                None,
                SessionType::Hmac,
                SymmetricDefinition::AES_128_CFB,
                HashingAlgorithm::Sha256,
            )?
            .ok_or(KeyStoreError::Tpm)?;
        let (attributes, mask) = SessionAttributesBuilder::new()
            .with_decrypt(true)
            .with_encrypt(true)
            .with_continue_session(true)
            .build();
        context.tr_sess_set_attributes(session, attributes, mask)?;
        Ok(Self {
            context,
            parent,
            session,
        })
    }

    /// Whether the conversation still stands; changes nothing.
    pub(super) fn ask(&mut self) -> Result<(), KeyStoreError> {
        let session = Some(self.session);
        self.context
            .execute_with_session(session, |tpm| tpm.get_random(8))?;
        Ok(())
    }

    /// Makes a key inside the TPM that never leaves it.
    pub(super) fn make(&mut self, what: Make) -> Result<Blob, KeyStoreError> {
        let (parent, session) = (self.parent, Some(self.session));
        let template = template(what)?;
        let made = self.context.execute_with_session(session, |tpm| {
            tpm.create(parent, template, None, None, None, None)
        })?;
        Ok(Blob {
            public: made.out_public.marshall()?,
            private: made.out_private.value().to_vec(),
        })
    }

    /// Loads a key, uses it, and takes it out again: no room is held between two uses, and nothing
    /// is lost when the machine wakes up from disk.
    fn with_key<T>(
        &mut self,
        blob: &Blob,
        work: impl FnOnce(&mut Context, KeyHandle) -> Result<T, Error>,
    ) -> Result<T, KeyStoreError> {
        let (parent, session) = (self.parent, Some(self.session));
        let public = Public::unmarshall(&blob.public)?;
        let private = Private::try_from(blob.private.clone())?;
        let key = self
            .context
            .execute_with_session(session, |tpm| tpm.load(parent, private, public))?;
        let done = self
            .context
            .execute_with_session(session, |tpm| work(tpm, key));
        self.context.flush_context(ObjectHandle::from(key))?;
        Ok(done?)
    }

    /// The signature's two numbers, without leading zeros.
    pub(super) fn sign(
        &mut self,
        key: &Blob,
        digest: &[u8],
    ) -> Result<(Vec<u8>, Vec<u8>), KeyStoreError> {
        let digest = Digest::try_from(digest)?;
        // Not a restricted key: it signs any digest, and wants no ticket.
        let ticket = HashcheckTicket::try_from(tss_esapi::tss2_esys::TPMT_TK_HASHCHECK {
            tag: tss_esapi::constants::tss::TPM2_ST_HASHCHECK,
            hierarchy: tss_esapi::constants::tss::TPM2_RH_NULL,
            digest: Default::default(),
        })?;
        let signature = self.with_key(key, |tpm, key| {
            tpm.sign(key, digest, SignatureScheme::Null, ticket)
        })?;
        match signature {
            Signature::EcDsa(signature) => Ok((
                signature.signature_r().value().to_vec(),
                signature.signature_s().value().to_vec(),
            )),
            _ => Err(KeyStoreError::Tpm),
        }
    }

    pub(super) fn mac(&mut self, key: &Blob, message: &[u8]) -> Result<[u8; 32], KeyStoreError> {
        let message = MaxBuffer::try_from(message)?;
        let tag = self.with_key(key, |tpm, key| {
            tpm.hmac(key.into(), message, HashingAlgorithm::Sha256)
        })?;
        tag.value().try_into().map_err(|_| KeyStoreError::Tpm)
    }

    /// Which of these indexes exist.
    pub(super) fn indexes(
        &mut self,
        range: &RangeInclusive<u32>,
    ) -> Result<Vec<u32>, KeyStoreError> {
        handles(&mut self.context, range)
    }

    /// Makes an index that counts upwards only. A TPM begins a new one above every one it ever had.
    pub(super) fn make_counter(&mut self, index: u32) -> Result<(), KeyStoreError> {
        self.define(index, NvIndexType::Counter, 8)?;
        // It has no value before.
        self.increment(index)
    }

    pub(super) fn increment(&mut self, index: u32) -> Result<(), KeyStoreError> {
        self.with_index(index, |tpm, handle| {
            tpm.nv_increment(NvAuth::NvIndex(handle), handle)
        })
    }

    /// Makes an index that holds these bytes.
    pub(super) fn make_index(&mut self, index: u32, bytes: &[u8]) -> Result<(), KeyStoreError> {
        self.define(index, NvIndexType::Ordinary, bytes.len())?;
        let data = MaxNvBuffer::try_from(bytes)?;
        self.with_index(index, |tpm, handle| {
            tpm.nv_write(NvAuth::NvIndex(handle), handle, data, 0)
        })
    }

    /// `length` bytes of an index from `offset` on; `None`: a power cut left it without a value.
    pub(super) fn read(
        &mut self,
        index: u32,
        length: u16,
        offset: u16,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeyStoreError> {
        let data = self.with_index(index, |tpm, handle| {
            let (public, _) = tpm.execute_without_session(|tpm| tpm.nv_read_public(handle))?;
            if !public.attributes().written() {
                return Ok(None);
            }
            tpm.nv_read(NvAuth::NvIndex(handle), handle, length, offset)
                .map(Some)
        })?;
        Ok(data.map(|data| Zeroizing::new(data.value().to_vec())))
    }

    /// Deletes an index: what it held is nowhere any more.
    pub(super) fn delete(&mut self, index: u32) -> Result<(), KeyStoreError> {
        let handle = TpmHandle::NvIndex(NvIndexTpmHandle::new(index)?);
        let context = &mut self.context;
        let object = context.execute_without_session(|tpm| tpm.tr_from_tpm_public(handle))?;
        context.execute_with_session(Some(self.session), |tpm| {
            tpm.nv_undefine_space(Provision::Owner, NvIndexHandle::from(object))
        })?;
        Ok(())
    }

    fn define(&mut self, index: u32, kind: NvIndexType, size: usize) -> Result<(), KeyStoreError> {
        let attributes = NvIndexAttributesBuilder::new()
            .with_auth_read(true)
            .with_auth_write(true)
            .with_no_da(true)
            .with_nv_index_type(kind)
            .build()?;
        let public = NvPublicBuilder::new()
            .with_nv_index(NvIndexTpmHandle::new(index)?)
            .with_index_name_algorithm(HashingAlgorithm::Sha256)
            .with_index_attributes(attributes)
            .with_data_area_size(size)
            .build()?;
        let context = &mut self.context;
        let handle = context.execute_with_session(Some(self.session), |tpm| {
            tpm.nv_define_space(Provision::Owner, None, public)
        })?;
        context.tr_close(&mut ObjectHandle::from(handle))?;
        Ok(())
    }

    fn with_index<T>(
        &mut self,
        index: u32,
        work: impl FnOnce(&mut Context, NvIndexHandle) -> Result<T, Error>,
    ) -> Result<T, KeyStoreError> {
        let handle = TpmHandle::NvIndex(NvIndexTpmHandle::new(index)?);
        let context = &mut self.context;
        let mut object = context.execute_without_session(|tpm| tpm.tr_from_tpm_public(handle))?;
        let done = context.execute_with_session(Some(self.session), |tpm| {
            work(tpm, NvIndexHandle::from(object))
        });
        context.tr_close(&mut object)?;
        Ok(done?)
    }
}

/// The storage root key; made where the machine's owner has not made it.
fn parent(context: &mut Context) -> Result<KeyHandle, KeyStoreError> {
    let persistent = PersistentTpmHandle::new(PARENT)?;
    if handles(context, &(PARENT..=PARENT))?.is_empty() {
        let attributes = attributes()
            .with_restricted(true)
            .with_decrypt(true)
            .build()?;
        let symmetric = SymmetricDefinitionObject::AES_128_CFB;
        let template = PublicBuilder::new()
            .with_public_algorithm(PublicAlgorithm::Ecc)
            .with_name_hashing_algorithm(HashingAlgorithm::Sha256)
            .with_object_attributes(attributes)
            .with_ecc_parameters(
                PublicEccParametersBuilder::new_restricted_decryption_key(
                    symmetric,
                    EccCurve::NistP256,
                )
                .build()?,
            )
            .with_ecc_unique_identifier(EccPoint::default())
            .build()?;
        context.execute_with_session(Some(AuthSession::Password), |tpm| {
            let made = tpm.create_primary(Hierarchy::Owner, template, None, None, None, None)?;
            let transient = ObjectHandle::from(made.key_handle);
            tpm.evict_control(Provision::Owner, transient, persistent.into())?;
            tpm.flush_context(transient)
        })?;
    }
    let handle = TpmHandle::Persistent(persistent);
    let object = context.execute_without_session(|tpm| tpm.tr_from_tpm_public(handle))?;
    Ok(object.into())
}

/// Of every key here: made in this TPM, and never to leave it.
fn attributes() -> ObjectAttributesBuilder {
    ObjectAttributesBuilder::new()
        .with_fixed_tpm(true)
        .with_fixed_parent(true)
        .with_sensitive_data_origin(true)
        .with_user_with_auth(true)
        .with_no_da(true)
}

fn template(what: Make) -> Result<Public, KeyStoreError> {
    let attributes = attributes().with_sign_encrypt(true).build()?;
    let builder = PublicBuilder::new()
        .with_name_hashing_algorithm(HashingAlgorithm::Sha256)
        .with_object_attributes(attributes);
    let builder = match what {
        Make::Signing => builder
            .with_public_algorithm(PublicAlgorithm::Ecc)
            .with_ecc_parameters(
                PublicEccParametersBuilder::new_unrestricted_signing_key(
                    EccScheme::EcDsa(HashScheme::new(HashingAlgorithm::Sha256)),
                    EccCurve::NistP256,
                )
                .build()?,
            )
            .with_ecc_unique_identifier(EccPoint::default()),
        Make::Mac => builder
            .with_public_algorithm(PublicAlgorithm::KeyedHash)
            .with_keyed_hash_parameters(PublicKeyedHashParameters::new(
                KeyedHashScheme::HMAC_SHA_256,
            ))
            .with_keyed_hash_unique_identifier(Digest::default()),
    };
    Ok(builder.build()?)
}

/// Uncompressed SEC1 point of a signing key's public half.
pub(super) fn sec1_point(blob: &Blob) -> Result<Vec<u8>, KeyStoreError> {
    let Public::Ecc { unique, .. } = Public::unmarshall(&blob.public)? else {
        return Err(KeyStoreError::WrongUse);
    };
    let mut point = vec![4];
    for coordinate in [unique.x().value(), unique.y().value()] {
        // Some TPMs leave leading zeros away.
        let zeros = 32_usize
            .checked_sub(coordinate.len())
            .ok_or(KeyStoreError::Damaged)?;
        point.resize(point.len() + zeros, 0);
        point.extend_from_slice(coordinate);
    }
    Ok(point)
}

/// The handles in a range that exist.
fn handles(context: &mut Context, range: &RangeInclusive<u32>) -> Result<Vec<u32>, KeyStoreError> {
    let mut found = Vec::new();
    let mut next = *range.start();
    loop {
        let (data, more) = context.execute_without_session(|tpm| {
            tpm.get_capability(CapabilityType::Handles, next, HANDLES)
        })?;
        let CapabilityData::Handles(listed) = data else {
            return Err(KeyStoreError::Tpm);
        };
        let listed: Vec<u32> = listed.iter().map(|handle| u32::from(*handle)).collect();
        let last = listed.last().copied();
        found.extend(listed.into_iter().filter(|handle| range.contains(handle)));
        match last {
            Some(last) if more && last < *range.end() => next = last + 1,
            _ => return Ok(found),
        }
    }
}

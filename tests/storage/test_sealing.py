"""Seals: what is sealed opens in its place, whole, with its key, and nowhere else."""

import threading

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import KeyMissing, SealBroken
from bot.domain.reply import Button, Reply
from storage.master_key import MasterKeys, make_key_file
from storage.packing import pack_reply, unpack_reply
from storage.sealing import KeyCache, bytes_text, open_with, seal_with, text_bytes

CIPHER = AESGCM(bytes(range(32)))


@given(data=st.binary(max_size=5000), place=st.text(max_size=60).filter(lambda text: text < "\ud800"))
def test_a_sealed_value_opens_in_its_place(data, place):
    try:
        place.encode()
    except UnicodeEncodeError:
        return
    assert open_with(CIPHER, place, seal_with(CIPHER, place, data)) == data


@given(data=st.binary(max_size=200), place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_flipped_bit_is_found(data, place, bit):
    sealed = bytearray(seal_with(CIPHER, "inbox:1:raw", data))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(SealBroken):
        open_with(CIPHER, "inbox:1:raw", bytes(sealed))


@given(cut=st.integers(0, 60))
def test_any_shortened_value_is_found(cut):
    sealed = seal_with(CIPHER, "x", b"words of hers that are long enough")
    with pytest.raises(SealBroken):
        open_with(CIPHER, "x", sealed[: min(cut, len(sealed) - 1)])


@given(text=st.text(st.characters()))
def test_any_text_survives_even_half_characters(text):
    assert bytes_text(text_bytes(text)) == text


BUTTONS = st.builds(Button, st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))


@given(
    st.builds(
        Reply, st.text(max_size=200),
        st.lists(st.lists(BUTTONS, max_size=3).map(tuple), max_size=3).map(tuple),
        st.none() | st.text(max_size=20), st.booleans(), st.booleans(), st.booleans(), st.booleans(),
    )
)  # fmt: skip
def test_any_reply_is_read_back_exactly(reply):
    assert unpack_reply(pack_reply(reply)) == reply


def test_no_nonce_comes_twice_in_fifty_thousand_seals():
    nonces = {seal_with(CIPHER, "x", b"")[1:13] for _ in range(50_000)}
    assert len(nonces) == 50_000


def test_one_key_may_be_used_by_several_threads_at_once():
    failed = []

    def work():
        for number in range(300):
            data = bytes([number % 256]) * 100_000
            if open_with(CIPHER, "x", seal_with(CIPHER, "x", data)) != data:
                failed.append(number)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


# ── the master key file ──────────────────────────────────────────────────────────────────────────────


def test_a_wrapped_key_opens_with_its_master_key_and_label_only(tmp_path):
    make_key_file(tmp_path / "a" / "key")
    make_key_file(tmp_path / "b" / "key")
    mine, other = MasterKeys(tmp_path / "a" / "key"), MasterKeys(tmp_path / "b" / "key")
    wrapped = mine.wrap(b"k" * 32, "keys:case/1:wrapped")
    assert mine.unwrap(wrapped, "keys:case/1:wrapped") == b"k" * 32
    with pytest.raises(SealBroken):
        mine.unwrap(wrapped, "keys:case/2:wrapped")
    with pytest.raises(KeyMissing):
        other.unwrap(wrapped, "keys:case/1:wrapped")
    with pytest.raises(SealBroken):
        mine.unwrap(wrapped[:-1] + bytes([wrapped[-1] ^ 1]), "keys:case/1:wrapped")


def test_an_existing_key_file_is_never_replaced(tmp_path):
    make_key_file(tmp_path / "key")
    before = (tmp_path / "key").read_bytes()
    with pytest.raises(KeyMissing):
        make_key_file(tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == before
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n",
        "v1\n",
        "v1 abc def\n",
        "v2 0011223344556677 AAAA\n",
        "密钥\n",
        "v1 0011223344556677 " + "A" * 43 + "=\n",
    ],
)
def test_a_spoilt_key_file_is_refused_by_name(tmp_path, content):
    path = tmp_path / "master.key"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(KeyMissing, match=r"master\.key"):
        MasterKeys(path)


def test_the_key_cache_is_bounded_and_forgets_the_longest_unused():
    cache = KeyCache(at_most=3)
    for number in range(3):
        cache.put("case", str(number), CIPHER, cache.generation)
    assert cache.get("case", "0") is CIPHER
    cache.put("case", "3", CIPHER, cache.generation)
    assert len(cache) == 3
    assert cache.get("case", "1") is None
    assert cache.get("case", "0") is CIPHER


def test_a_reader_cannot_bring_an_erased_key_back_into_the_cache():
    cache = KeyCache()
    seen = cache.generation
    cache.drop("case", "1")
    cache.put("case", "1", CIPHER, seen)
    assert cache.get("case", "1") is None


# ── key and data belong together ─────────────────────────────────────────────────────────────────────


async def test_without_its_key_the_store_stays_shut_and_no_new_key_is_made(house, clock, anna):
    async with house.open() as store:
        await store.write(lambda unit: unit.people.get_or_add(anna, clock.now()))
    kept = house.key_file.read_bytes()
    house.key_file.unlink()
    for exclusive in (True, False):
        with pytest.raises(KeyMissing, match=r"master\.key"):
            async with house.open(exclusive=exclusive):
                pass
    assert not house.key_file.exists()
    house.key_file.write_bytes(kept)
    async with house.open() as store:
        assert await store.read(lambda unit: unit.people.find(anna)) is not None


async def test_with_another_key_the_store_stays_shut(house):
    async with house.open():
        pass
    house.key_file.unlink()
    make_key_file(house.key_file)
    with pytest.raises(KeyMissing):
        async with house.open():
            pass


async def test_files_alone_are_data_too(house):
    async with house.open() as store:
        await store.vault.put("file1", b"x")
    house.path.unlink()
    house.key_file.unlink()
    with pytest.raises(KeyMissing):
        async with house.open():
            pass


async def test_a_key_beside_the_data_or_open_to_others_is_said_loudly(house):
    type_of_key_file = type(house).key_file
    try:
        type(house).key_file = property(lambda self: self.folder / "var" / "master.key")
        async with house.open() as store:
            assert store.notes == ("key_made", "key_beside_data")
        house.key_file.chmod(0o644)
        async with house.open() as store:
            assert store.notes == ("key_beside_data", "key_readable")
    finally:
        type(house).key_file = type_of_key_file

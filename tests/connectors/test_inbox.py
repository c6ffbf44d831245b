import threading

from connectors.inbox import Inbox


def test_items_come_out_in_order_and_nothing_comes_from_an_empty_one():
    inbox: Inbox[str] = Inbox(max_items=3, max_bytes=100)
    for item in "abc":
        assert inbox.put(item, 1)
    assert [inbox.take(0), inbox.take(0), inbox.take(0), inbox.take(0)] == ["a", "b", "c", None]


def test_a_full_one_makes_the_writer_wait_by_count_and_by_bytes():
    for sizes, fit in (([1, 1, 1], 2), ([60, 60], 1)):
        inbox: Inbox[int] = Inbox(max_items=2, max_bytes=100)
        done = threading.Event()

        def write(inbox=inbox, sizes=sizes, done=done):
            for size in sizes:
                inbox.put(size, size)
            done.set()

        writer = threading.Thread(target=write)
        writer.start()
        assert not done.wait(0.05)
        assert len(inbox) == fit
        assert [inbox.take(5) for _ in sizes] == sizes
        assert done.wait(5)
        writer.join()
        assert inbox.waiting_bytes == 0


def test_an_item_above_the_bound_goes_in_alone():
    inbox: Inbox[str] = Inbox(max_items=10, max_bytes=10)
    assert inbox.put("large", 1_000)
    assert inbox.take(0) == "large"


def test_closing_frees_a_waiting_writer_and_a_waiting_reader():
    inbox: Inbox[int] = Inbox(max_items=1, max_bytes=10)
    inbox.put(1)
    outcomes: list[object] = []
    writer = threading.Thread(target=lambda: outcomes.append(inbox.put(2)))
    writer.start()
    inbox.close()
    writer.join(5)
    assert outcomes == [False]
    reader = threading.Thread(target=lambda: outcomes.append(inbox.take(60)))
    reader.start()
    reader.join(5)
    assert outcomes == [False, None]

"""What tests send to websockets: actions are checked before any is done, and written down whether anybody hears them or not."""


def test_what_is_sent_is_written_down(gateway):
    before = len(gateway.get("/journal", kind="action")["records"])
    gateway.post("/actions", [{"notify": "Filled"}, {"bulletin": "Closed"}, {"send": "close"}, {"send": {"topic": "x"}}])
    records = gateway.get("/journal", kind="action")["records"][before:]
    assert [record["name"] for record in records] == ["notify", "bulletin", "close", "send"]
    assert gateway.get("/journal", kind="frame,stream")["records"] == []


def test_what_cannot_be_sent_is_refused_with_its_place(gateway):
    answer = gateway.call("POST", "/actions", {"send": "clos"})
    assert answer.status == 400
    (error,) = answer.json["errors"]
    assert (error["message"], error["nearest"]) == ('"websocket" has no script "clos"', "close")
    assert gateway.call("POST", "/actions", {"notify": "x" * 257}).status == 400
    assert gateway.call("POST", "/actions", {"notify": "a\nb"}).status == 400
    assert gateway.call("POST", "/actions", {"notify": "a", "bulletin": "b"}).status == 400
    assert gateway.call("POST", "/actions", {"send": ["close"]}).status == 400
    assert gateway.get("/journal", kind="action")["records"] == []

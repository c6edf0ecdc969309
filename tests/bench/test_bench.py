"""The benchmark's own code, with next to no load: what it counts is right, and what is wrong doesn't pass for fast."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import bare
from tests.bench.cases import CASES, STREAM_REQUEST
from tests.bench.client import connections, drive, request, run_streams
from tests.bench.documents import EVENTS, STREAM, small_document, synthetic_document, write_document
from tests.bench.processes import Server
from tests.bench.streams import measure_streams
from tests.bench.tables import Results, write_page, write_plot
from tests.bench.throughput import measure, ratio
from understudy.mockserver import Settings, running
from understudy.mockserver.serving.running import serving
from understudy.specs.build import build_api
from understudy.specs.catalog import load_api
from understudy.specs.documents.document import parse_document
from understudy.specs.wire.json_bodies import dump_json


@pytest.fixture(scope="module")
def servers() -> Iterator[list[Server]]:
    api = build_api(parse_document(dump_json(small_document()), "file:///bench.json")).stateless()
    with running(api, settings=Settings(pace=0)) as mock, serving(bare.app) as plain:
        yield [Server("ours", os.getpid(), mock.port, (0.1, 0.1)), Server("bare", os.getpid(), plain.port, (0.1, 0.1))]


def test_every_case_is_answered_as_it_should_be(servers: list[Server]) -> None:
    measured = measure(servers, CASES, rounds=1, requests=100)
    assert all(len(each.cpu) == 1 and each.percentile(0.5) > 0 for each in measured.values())
    assert sum(each.cpu[0] for each in measured.values()) > 0
    results = Results([(server, server.rss_mib()) for server in servers], CASES, measured)
    page, plot = write_page(results, 1.0), write_plot(results)
    assert page.count("| bare Starlette |") == len(CASES) + 1
    assert plot.count("<rect") == len(CASES) + 1


def test_an_answer_with_another_status_is_no_throughput(servers: list[Server]) -> None:
    with connections(servers[0].port, 2) as opened, pytest.raises(AssertionError, match="404 instead of 200"):
        drive(opened, [request("GET", "/static"), request("GET", "/nowhere")], 200)


@pytest.mark.parametrize("index", [0, 1])
def test_streams_are_read_to_their_end(servers: list[Server], index: int) -> None:
    found = measure_streams(servers[index], 3)
    assert (found.count, found.wrong) == (3, 0)
    assert found.events == pytest.approx(3 * EVENTS / found.seconds)


def test_a_stream_out_of_order_is_counted(servers: list[Server]) -> None:
    swapped = STREAM.replace("id: 1\n", "id: x\n").replace("id: 2\n", "id: 1\n")
    assert run_streams(servers[0].port, STREAM_REQUEST, 2, swapped.encode()).wrong == 2


@pytest.mark.parametrize("is_dense", [False, True])
@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_synthetic_documents_are_served(tmp_path: Path, suffix: str, is_dense: bool) -> None:
    path = write_document(synthetic_document(11, dense=is_dense), tmp_path / f"made.{suffix}")
    api = load_api(str(path))
    assert len(api.operations) == 11
    with running(api) as mock, connections(mock.port, 1) as opened:
        drive(opened, [request("GET", "/area3/resource3/a"), request("GET", "/area3/resource3/b")], 200)


def test_ratios_are_taken_within_each_round() -> None:
    assert ratio([2.0, 30.0, 8.0], [1.0, 10.0, 2.0]) == (3.0, 2.0, 4.0)

"""The sandbox's adapter keeps the contract, with all optional deeds."""

from __future__ import annotations

import pytest

from quittance.gateways.contract import GatewayContract
from quittance.gateways.contract_parts import parts_of
from quittance.gateways.contract_refunds import RefundContract
from quittance.gateways.sandbox.gateway import SandboxGateway

failure = pytest.mark.failure


globals().update(parts_of(SandboxGateway))  # their stage is the fixture of this folder


# The contract knows no pytest, so it is here that its cases are told which failure they show.
for mode, cases in {
    "F16": (
        GatewayContract.test_a_throttled_call_did_nothing_and_says_when_to_come_back,
        GatewayContract.test_a_twin_still_at_work_is_unavailable,
        RefundContract.test_a_throttled_refund_is_made_later_under_the_same_key,
        RefundContract.test_a_twin_still_at_work_is_unavailable,
    ),
    "F17": (RefundContract.test_a_failure_that_the_key_repeats_is_unknown_until_we_look,),
    "F19": (
        GatewayContract.test_the_same_reference_for_another_amount_is_refused,
        RefundContract.test_the_same_reference_for_another_amount_is_refused,
    ),
    "F31": (
        RefundContract.test_the_same_request_twice_is_one_refund,
        RefundContract.test_a_refund_whose_answer_was_lost_is_found_and_not_made_again,
    ),
}.items():
    for case in cases:
        failure(mode)(case)

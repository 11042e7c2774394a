"""boto3 clients of DynamoDB whose HTTP answers are given. Unlike botocore's Stubber they sign, retry and parse."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config

Answer = tuple[int, Mapping[str, Any]] | BaseException
"""HTTP status and body, or the error that is raised instead of an answer."""


def error(status: int, code: str, **body: Any) -> Answer:
    return status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no", **body}


@dataclass
class StubbedHttp:
    """Answers requests in turn; the last answer stands for all that follow."""

    answers: Sequence[Answer]
    sent: list[Any]
    """The requests, as botocore would send them."""

    def answer(self, request: Any, **_: Any) -> AWSResponse:
        answer = self.answers[min(len(self.sent), len(self.answers) - 1)]
        self.sent.append(request)
        if isinstance(answer, BaseException):
            raise answer
        status, body = answer
        content = json.dumps(body).encode()
        headers = {"content-type": "application/x-amz-json-1.0", "date": "Thu, 26 Nov 2026 12:00:00 GMT"}
        return AWSResponse(request.url, status, headers, _Raw(content))


@dataclass
class _Raw:
    content: bytes

    def stream(self, **_: Any) -> Any:
        yield self.content


def stubbed_client(*answers: Answer, **config: Any) -> tuple[Any, StubbedHttp]:
    """`config`: of botocore's Config. Without it a request is tried up to four times."""
    retries = {"retries": {"mode": "standard", "total_max_attempts": 4}}
    credentials = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    client = boto3.client("dynamodb", region_name="eu-central-1", config=Config(**{**retries, **config}), **credentials)
    http = StubbedHttp(answers, [])
    client.meta.events.register("before-send.dynamodb", http.answer)
    return client, http

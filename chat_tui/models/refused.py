"""Why a server gives no file, in words that say what to do.

Knows HTTP's answers and huggingface_hub's errors; must not know what happens next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chat_tui.errors import ModelFileError
from chat_tui.language import N_, _

if TYPE_CHECKING:
    import httpx2

_ERRNO = re.compile(r"\[Errno -?\d+\] ")
_MIRROR = N_("Check the mirror in the settings or in HF_ENDPOINT.")


@contextmanager
def told(endpoint: str, file: str) -> Iterator[None]:
    """huggingface_hub's and the connection's errors as a ModelFileError."""
    import httpx2  # noqa: PLC0415 - takes half a second
    from huggingface_hub.errors import (  # noqa: PLC0415
        FileMetadataError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
    )

    try:
        yield
    except OfflineModeIsEnabled as error:
        raise ModelFileError(
            _("HF_HUB_OFFLINE is set, so nothing is downloaded."), _("Unset it for this command.")
        ) from error
    except HfHubHTTPError as error:
        raise answered(error.response, endpoint, file) from error
    except (httpx2.TimeoutException, LocalEntryNotFoundError) as error:
        raise ModelFileError(
            _("{endpoint} does not answer.").format(endpoint=endpoint),
            _("Try again later, or set a mirror."),
        ) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ModelFileError(
            _("{endpoint} cannot be reached: {reason}.").format(
                endpoint=endpoint, reason=_ERRNO.sub("", str(error)).lower().rstrip(".")
            ),
            _("Is this machine online? A proxy can be named in HTTPS_PROXY."),
        ) from error
    except FileMetadataError as error:
        raise ModelFileError(
            _("{endpoint} does not answer like Hugging Face.").format(endpoint=endpoint), _(_MIRROR)
        ) from error


def answered(response: httpx2.Response, endpoint: str, file: str) -> ModelFileError:
    """The error for an answer of 400 or more."""
    status = response.status_code
    code = response.headers.get("X-Error-Code", "")
    if code == "GatedRepo" or status == 403:
        return ModelFileError(
            _("{endpoint} does not allow this download (answer {status}).").format(
                endpoint=endpoint, status=status
            ),
            _("Accept the model's terms on its page and log in with `hf auth login`."),
        )
    if status == 401:
        return ModelFileError(
            _("{endpoint} wants a login, or does not have the model (answer 401).").format(
                endpoint=endpoint
            ),
            _("Log in with `hf auth login`, or remove an expired token with `hf auth logout`."),
        )
    if status in (404, 410):
        return ModelFileError(
            _("{endpoint} does not have {file} (answer {status}).").format(
                endpoint=endpoint, file=file, status=status
            ),
            _MIRROR,
        )
    if status in (429, 503):
        return ModelFileError(
            _("{endpoint} is busy (answer {status}).").format(endpoint=endpoint, status=status),
            _("Try again later."),
        )
    return ModelFileError(
        _("{endpoint} answers with an error ({status}).").format(endpoint=endpoint, status=status),
        _("Try again later, or set a mirror."),
    )

"""One photo's prediction from the command line: `python segment.py --help`."""

import argparse
import os
import sys
from pathlib import Path

from future_vision import ApiError, Client


def main() -> None:
    """Have a photo segmented, write the result, and say what it is."""
    parser = argparse.ArgumentParser(
        description="Segment a street photo. A function key is read from the environment, API_KEY,"
        " and so is an Entra token, API_TOKEN.",
        epilog="example: %(prog)s street.jpg -o mask.png --api http://127.0.0.1:7071",
    )
    parser.add_argument("photo", help="JPEG, PNG, WebP, BMP or TIFF")
    parser.add_argument("-o", "--output", type=Path, required=True, help="file to write")
    parser.add_argument("--api", help="address of the service; default: API_BASE_URL")
    parser.add_argument("--format", default="mask", help="mask (default), color, overlay, ...")
    parser.add_argument("--model", help="name:version; default: the active one")
    given = parser.parse_args()
    token = os.environ.get("API_TOKEN")  # one call is over long before a token ends
    try:
        client = Client(given.api, token=(lambda: token) if token else None)
        drawn = client.render(given.photo, given.format, model=given.model)
        given.output.write_bytes(drawn.data)
    except ApiError as error:
        sys.exit(f"{error}\nRequest id {error.request_id}" if error.request_id else str(error))
    except OSError as error:
        sys.exit(str(error))
    size = len(drawn.data)
    print(f"{given.output}: {given.format} of {given.photo}, {drawn.media_type}, {size:,} bytes")


if __name__ == "__main__":
    main()

"""All stored scenes as small pictures that lead to them."""

import parts
from future_vision import ApiError

from views import scene_list

NAME = "gallery"


async def show() -> None:
    """Show the gallery."""
    try:
        await scene_list.browse()
    except ApiError as error:
        parts.show_error(error, NAME)

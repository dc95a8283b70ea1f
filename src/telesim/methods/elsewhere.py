"""What Telegram has and nobody here lives with: stickers, games, gifts, business, stories, topics …

Each answers as Telegram answers a bot that has none of it: an empty result, or the error for a thing that is not there.
"""

from typing import Any

from pydantic import ConfigDict

from telesim.errors import bad_request
from telesim.methods.method import Caller, Method
from telesim.methods.params import TOO_OLD, Params

EMPTY: dict[str, Any] = {
    "getAvailableGifts": {"gifts": []},
    "getChatGifts": {"total_count": 0, "gifts": []},
    "getUserGifts": {"total_count": 0, "gifts": []},
    "getCustomEmojiStickers": [],
    "getForumTopicIconStickers": [],
    "getUserChatBoosts": {"boosts": []},
    "getUserProfileAudios": {"total_count": 0, "audios": []},
    "getUserProfilePhotos": {"total_count": 0, "photos": []},
    "getUserPersonalChatMessages": [],
    "sendMessageDraft": True,
    "sendRichMessageDraft": True,
    "removeMyProfilePhoto": True,
}
REFUSED: dict[str, tuple[str, ...]] = {
    "STICKERSET_INVALID": (
        "getStickerSet", "addStickerToSet", "createNewStickerSet", "deleteStickerFromSet", "deleteStickerSet",
        "replaceStickerInSet", "setStickerEmojiList", "setStickerKeywords", "setStickerMaskPosition",
        "setStickerPositionInSet", "setStickerSetThumbnail", "setStickerSetTitle", "setCustomEmojiStickerSetThumbnail",
        "uploadStickerFile", "setChatStickerSet", "deleteChatStickerSet",
    ),
    "the chat is not a forum": (
        "createForumTopic", "editForumTopic", "closeForumTopic", "reopenForumTopic", "deleteForumTopic",
        "unpinAllForumTopicMessages", "editGeneralForumTopic", "closeGeneralForumTopic", "reopenGeneralForumTopic",
        "hideGeneralForumTopic", "unhideGeneralForumTopic", "unpinAllGeneralForumTopicMessages",
    ),
    "business connection not found": (
        "getBusinessConnection", "readBusinessMessage", "deleteBusinessMessages", "setBusinessAccountName",
        "setBusinessAccountUsername", "setBusinessAccountBio", "setBusinessAccountProfilePhoto",
        "removeBusinessAccountProfilePhoto", "setBusinessAccountGiftSettings", "getBusinessAccountStarBalance",
        "transferBusinessAccountStars", "getBusinessAccountGifts", "postStory", "editStory", "deleteStory",
        "repostStory", "sendChecklist", "editMessageChecklist", "convertGiftToStars", "upgradeGift", "transferGift",
    ),
    TOO_OLD: (
        "answerInlineQuery", "answerWebAppQuery", "answerGuestQuery", "answerChatJoinRequestQuery",
        "sendChatJoinRequestWebApp",
    ),
    "message to edit not found": (
        "editMessageLiveLocation", "stopMessageLiveLocation", "setGameScore", "getGameHighScores",
        "editEphemeralMessageText", "editEphemeralMessageCaption", "editEphemeralMessageMedia",
        "editEphemeralMessageReplyMarkup", "deleteEphemeralMessage",
    ),
    "wrong game short name specified": ("sendGame",),
    "STARGIFT_INVALID": ("sendGift", "giftPremiumSubscription"),
    "USER_ID_INVALID": (
        "setPassportDataErrors", "setUserEmojiStatus", "savePreparedInlineMessage", "savePreparedKeyboardButton",
        "getManagedBotAccessSettings", "getManagedBotToken", "replaceManagedBotToken", "setManagedBotAccessSettings",
    ),
    "BOT_VERIFIER_FORBIDDEN": ("verifyUser", "verifyChat", "removeUserVerification", "removeChatVerification"),
    "suggested post not found": ("approveSuggestedPost", "declineSuggestedPost"),
    "the simulator does not know this kind of message": ("sendPaidMedia", "sendRichMessage", "sendLivePhoto"),
    "PARTICIPANT_ID_INVALID": ("banChatSenderChat", "unbanChatSenderChat", "setChatMemberTag"),
    "REACTION_INVALID": ("deleteMessageReaction", "deleteAllMessageReactions"),
    "PHOTO_INVALID": ("setMyProfilePhoto",),
}  # fmt: skip


class Anything(Params):
    model_config = ConfigDict(extra="allow")


def _empty(name: str) -> Method[Anything]:
    return Method(name, Anything, lambda _, __: EMPTY[name])


def _refused(name: str, why: str) -> Method[Anything]:
    def refuse(_: Caller, __: Anything) -> None:
        raise bad_request(why)

    return Method(name, Anything, refuse)


METHODS = [
    *(_empty(name) for name in EMPTY),
    *(_refused(name, why) for why, names in REFUSED.items() for name in names),
]

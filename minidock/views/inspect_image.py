"""x"""

from minidock.model.image import Image


def image_json(image: Image, api):
    return {"Id": image.id}


def history_json(image):
    return []


def image_summary(image, api):
    return {"Id": image.id}

"""What plugins ask of the product. ``staffing.api`` gives it to them; nothing of ours imports it from anywhere else.

A plugin knows a ``Viewer``; here it becomes the actor the use cases know.
"""

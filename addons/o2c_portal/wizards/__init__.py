from . import o2c_portal_link_shown
